"""Names of files as one can click them: from the folder that a student works in."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec

from autograder.results import CheckResult, Record
from course.config import Course
from course.handout import NAME, sections

# What a worker calls a file, and every message that came from there: week_1/linear.py:31.
FILE = re.compile(r"(?<![\w./-])(week_\d+|given)(?=/\w+\.(?:py|ipynb)\b)", re.ASCII)


def folders(course: Course, number: int, submission: Path) -> dict[str, str]:
    """Where what a worker imports lies, from the working directory; of one's own week's folder."""
    if not (submission / "__init__.py").exists() and submission.name != f"week_{number}":
        return {}
    places = {f"week_{number}": submission, "given": course.source / "given"}
    places |= {f"week_{n}": course.earlier(n) for n in course.written if n < number}
    here = Path.cwd()
    return {
        name: (place.relative_to(here) if place.is_relative_to(here) else place).as_posix()
        for name, place in places.items()
    }


def handout(course: Course, number: int, page: Path) -> dict[str, str]:
    """Links from a page to the sections of a week's handout, by their headings."""
    file = course.folder(number) / NAME
    link = quote(Path(os.path.relpath(file, page.absolute().parent)).as_posix())
    return {heading: f"{link}#{quote(at)}" for heading, at in sections(course, number).items()}


def from_folder(record: Record, folders: Mapping[str, str]) -> Record:
    """The record with names such as `assignments/week_1/linear.py`.

    Args:
        folders: where each package lies, by its name: {"week_1": "assignments/week_1"}.
    """

    def named(text: str) -> str:
        return FILE.sub(lambda match: folders.get(match[1], match[1]), text)

    return msgspec.structs.replace(
        record,
        checks=[_check(check, named) for check in record.checks],
        todos=[msgspec.structs.replace(todo, file=named(todo.file)) for todo in record.todos],
        notes=[named(note) for note in record.notes],
        output=named(record.output),
    )


def _check(check: CheckResult, named: Callable[[str], str]) -> CheckResult:
    return msgspec.structs.replace(
        check,
        message=named(check.message),
        traceback=[named(frame) for frame in check.traceback],
        output=named(check.output),
        glimpse=check.glimpse
        and msgspec.structs.replace(check.glimpse, place=named(check.glimpse.place)),
        comparisons=[
            msgspec.structs.replace(one, message=named(one.message)) for one in check.comparisons
        ],
    )
