"""What the commands share: the course, the number of a week, a line of output."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from course import trust
from course.config import Course, Week

PATH = click.Path(path_type=Path)
week_number = click.argument("week", type=int, help="The week's number: 1, 2, ...")


def the_course() -> Course:
    return trust.open_course(trust.NAMED.get())


def open_course(number: int, needs_solutions: bool = False) -> tuple[Course, Week]:
    course = the_course()
    if needs_solutions:
        course.need_solutions()
    return course, course.written_week(number)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
