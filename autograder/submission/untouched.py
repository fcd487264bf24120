"""Whether a file of a submission is as students got it: then work that lies elsewhere counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autograder.options import InputError
from autograder.submission.intake import Refused
from autograder.submission.zipped import Reader
from course.config import Course, Week


def released_files(course: Course, week: Week) -> Path | None:
    """The folder with a week's files as students got them; in their own checkout it is not known.

    There they work in that folder.
    """
    return course.assignments / f"week_{week.number}" if course.has_solutions else None


def as_released(name: str, released: Path | None) -> Callable[[Reader], bool]:
    """Whether a reader's file is the released one of this name, whatever ends its lines."""
    file = released / name if released is not None else None
    if file is None or not file.is_file():
        return lambda _: False
    skeleton = lines_of(file.read_bytes())

    def same(read: Reader) -> bool:
        try:
            return lines_of(read(2 * len(skeleton) + 2)) == skeleton
        except (Refused, InputError):
            return False

    return same


def lines_of(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")
