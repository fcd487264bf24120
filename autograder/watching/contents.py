"""What stands in the files that a student works in: two states differ where something was saved."""

from __future__ import annotations

import contextlib
import hashlib
import shlex
from pathlib import Path

from autograder.options import InputError
from course.config import Course, Week

State = dict[Path, str]


def folders(course: Course, week: Week, submission: Path) -> list[Path]:
    """Where a save may change what a week's checks say."""
    earlier = [course.earlier(number) for number in course.written if number < week.number]
    return [submission, course.source / "given", *earlier, course.checks(week.number)]


def state(course: Course, week: Week, submission: Path) -> State:
    """A hash of each file, by its path; one that goes away meanwhile isn't there."""
    found: State = {}
    for folder in folders(course, week, submission):
        for file in folder.glob("*.py"):
            with contextlib.suppress(OSError):
                found[file] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def changed(before: State, now: State) -> list[Path]:
    """The files that are new, gone, or hold something else."""
    names = sorted(before.keys() | now.keys())
    return [path for path in names if before.get(path) != now.get(path)]


def refuse_half_saved(course: Course, week: Week, submission: Path) -> None:
    """Refuse a file in which nothing stands, or that isn't there: an editor may be just at it.

    Raises:
        InputError: there is one; what was graded before stands.
    """
    for module in week.modules:
        file = submission / f"{module}.py"
        place = course.relative(file)
        if not file.exists():
            raise InputError(f"{place} is missing.{restoring(course, file)}")
        if not file.stat().st_size:
            raise InputError(f"{place} is empty: is it half-saved? Save it again")


def restoring(course: Course, file: Path) -> str:
    """The command that brings a file of the course's own folder back; of another, nothing."""
    if not file.is_relative_to(course.root):
        return ""
    return f" If you deleted it: git checkout HEAD -- {shlex.quote(course.relative(file))}"
