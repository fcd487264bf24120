"""Reading mistakes.toml: the ways in which people get a week's functions wrong."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from course.config import Course, Week
from course.errors import CourseError, did_you_mean
from course.tables import Table, read_toml

FILE = "mistakes.toml"
DEVIATIONS = "deviations.toml"  # beside it: ways to get it wrong that no check must catch


class Mistake(msgspec.Struct, frozen=True):
    """One way in which people get a function wrong: a replacement in its solution."""

    id: str
    where: str  # "losses.py: BCELoss.backward"
    replace: str
    with_: str = msgspec.field(name="with")
    hint: str
    checks: tuple[str, ...] = ()  # names of the checks that must fail

    @property
    def module(self) -> str:
        """The module that it is in: "losses"."""
        return self.where.partition(":")[0].removesuffix(".py").strip()

    @property
    def function(self) -> str:
        return self.where.partition(":")[2].strip()


def path(course: Course, number: int) -> Path:
    """Where a week's mistakes are, in a checkout with solutions."""
    return course.solutions / f"week_{number}" / FILE


def load(course: Course, week: Week) -> tuple[Mistake, ...]:
    """The mistakes of a week; none in a student's checkout, which has no catalogue.

    Raises:
        CourseError: with every problem of the file.
    """
    return _read(course, week, path(course, week.number), "mistake")


def deviations(course: Course, week: Week) -> tuple[Mistake, ...]:
    """Further explanations of a week: changes that are recognised, but that no check must catch.

    Raises:
        CourseError: with every problem of the file.
    """
    return _read(course, week, path(course, week.number).with_name(DEVIATIONS), "deviation")


def _read(course: Course, week: Week, file: Path, kind: str) -> tuple[Mistake, ...]:
    if not file.is_file():
        return ()
    name = file.relative_to(course.root).as_posix()
    top = read_toml(file, name)
    entries = top.take(kind, list[dict[str, Any]]) if top.names() else []
    top.close()
    tables = (_table(name, kind, *e, top.problems) for e in enumerate(entries or [], start=1))
    mistakes = tuple(_mistake(table, week, kind) for table in tables)
    uses = Counter(mistake.id for mistake in mistakes if mistake.id)
    for twice in (one for one, count in uses.items() if count > 1):
        top.problems.append(f'{name}: {kind} "{twice}": its id is used twice. Choose another.')
    if top.problems:
        raise CourseError(*top.problems)
    return mistakes


def _table(file: str, kind: str, number: int, values: dict[str, Any], problems: list[str]) -> Table:
    """An entry; messages name it by its id, or else by its number in the file."""
    name = values.get("id")
    which = f'"{name}"' if name and isinstance(name, str) else number
    return Table(f"{file}: {kind} {which}", "", values, problems)


def _mistake(table: Table, week: Week, kind: str) -> Mistake:
    mistake = Mistake(
        id=table.take("id", str) or "",
        where=table.take("where", str) or "",
        replace=table.take("replace", str) or "",
        with_=table.take("with", str, may_be_empty=True) or "",
        hint=table.take("hint", str) or "",
        checks=(table.take("checks", tuple[str, ...]) or ()) if kind == "mistake" else (),
    )
    table.close()
    if mistake.where and mistake.module not in week.modules:
        guess = did_you_mean(mistake.module, week.modules)
        table.complain(f"{mistake.module}.py is not a module of the week.{guess}")
    return mistake
