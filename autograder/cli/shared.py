"""What the commands share: the course, the number of a week, a line of output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from course.config import Course, Week, find_root, load_course

WeekNumber = Annotated[int, typer.Argument(metavar="WEEK", help="The week's number: 1, 2, ...")]


def the_course() -> Course:
    return load_course(find_root(Path.cwd()))


def open_course(number: int, needs_solutions: bool = False) -> tuple[Course, Week]:
    course = the_course()
    if needs_solutions:
        course.need_solutions()
    return course, course.written_week(number)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
