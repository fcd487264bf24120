"""Reading mutants.toml: changes of a solution that change nothing that a check could see.

Students never get it: it holds lines of the solution.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from course.config import Course, Week
from course.errors import CourseError
from course.tables import Table, read_toml

FILE = "mutants.toml"
_ENTRY = re.compile(r"\s*\[\[\s*equivalent\s*\]\]")


class Equivalent(msgspec.Struct, frozen=True):
    """A mutant that no check can kill, and why not."""

    id: str  # "linear.Linear.forward:arithmetic-2"
    after: str  # its changed line: so an id that has come to mean another mutant is noticed
    reason: str
    place: str  # "solutions/week_1/mutants.toml:12"


def path(course: Course, number: int) -> Path:
    """Where a week's equivalent mutants are, in a checkout with solutions."""
    return course.solutions / f"week_{number}" / FILE


def load(course: Course, week: Week) -> tuple[Equivalent, ...]:
    """The equivalent mutants of a week; none if there is no file.

    Raises:
        CourseError: with every problem of the file, each with its line.
    """
    file = path(course, week.number)
    if not file.is_file():
        return ()
    name = course.relative(file)
    top = read_toml(file, name)
    entries = top.take("equivalent", list[dict[str, Any]]) if top.names() else []
    top.close()
    lines = file.read_text(encoding="utf-8").splitlines()
    begins = [number for number, line in enumerate(lines, start=1) if _ENTRY.match(line)]
    found = []
    for i, values in enumerate(entries or []):
        place = f"{name}:{begins[i] if i < len(begins) else 1}"
        found.append(_equivalent(Table(place, "", values, top.problems), place))
    uses = Counter(one.id for one in found if one.id)
    for one in found:
        if uses[one.id] > 1:
            top.problems.append(f'{one.place}: "{one.id}" is there twice. Take one out.')
    if top.problems:
        raise CourseError(*top.problems)
    return tuple(found)


def _equivalent(table: Table, place: str) -> Equivalent:
    one = Equivalent(
        id=table.take("id", str) or "",
        after=table.take("after", str) or "",
        reason=table.take("reason", str) or "",
        place=place,
    )
    table.close()
    return one
