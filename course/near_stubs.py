"""Reading near_stubs.toml: checks that a near-stub may pass, and why.

    test_vocabulary_unknown = "that a word is unknown is all there is to say about it"

It lies beside a week's mistakes, and like them is never released: it names hidden checks.
"""

from __future__ import annotations

import re
from pathlib import Path

from course.config import Course, Week
from course.errors import CourseError, did_you_mean
from course.tables import read_toml

FILE = "near_stubs.toml"


class Allowed:
    """The checks of a week that a near-stub may pass, by name, with the reason of each."""

    def __init__(self, file: str, text: str, reasons: dict[str, str]) -> None:
        self.file, self.text, self.reasons = file, text, reasons

    def place(self, name: str) -> str:
        """File and line of an entry."""
        key = re.compile(rf"""^\s*["']?{re.escape(name)}["']?\s*=""")
        lines = enumerate(self.text.splitlines(), start=1)
        return f"{self.file}:{next((n for n, line in lines if key.match(line)), 1)}"

    def unknown(self, checks: set[str]) -> list[str]:
        """A problem for every entry that is none of these checks."""
        return [
            f"{self.place(name)}: {name} is no check of the week.{did_you_mean(name, checks)}"
            for name in self.reasons
            if name not in checks
        ]


def path(course: Course, number: int) -> Path:
    """Where they stand, in a checkout with solutions; a week can do without."""
    return course.solutions / f"week_{number}" / FILE


def load(course: Course, week: Week) -> Allowed:
    """The exceptions of a week.

    Raises:
        CourseError: with every problem of the file; an exception without a reason is one.
    """
    file = path(course, week.number)
    name = course.relative(file)
    if not file.is_file():
        return Allowed(name, "", {})
    top = read_toml(file, name)
    reasons = {check: top.take(check, str) or "" for check in top.names()}
    if top.problems:
        raise CourseError(*top.problems)
    return Allowed(name, file.read_text(encoding="utf-8"), reasons)
