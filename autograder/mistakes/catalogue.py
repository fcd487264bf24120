"""The catalogue of mistakes: reading it, and making the wrong variant of a solution."""

from __future__ import annotations

import ast
from pathlib import Path

import msgspec

from course.config import Course, Week
from course.errors import CourseError

FILE = "mistakes.toml"


class Mistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way in which people get a function wrong: a replacement in its solution."""

    id: str
    where: str  # "losses.py: BCELoss.backward"
    replace: str
    with_: str = msgspec.field(name="with")
    hint: str
    checks: tuple[str, ...]  # names of the checks that must fail

    @property
    def module(self) -> str:
        """The module that it is in: "losses"."""
        return self.where.partition(":")[0].removesuffix(".py").strip()

    @property
    def function(self) -> str:
        return self.where.partition(":")[2].strip()


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mistake: tuple[Mistake, ...] = ()


def load(course: Course, week: Week) -> tuple[Mistake, ...]:
    """The mistakes of a week; none in a student's checkout, which has no catalogue.

    Raises:
        CourseError: the file is broken, an id is used twice, or a module is not of this week.
    """
    path = course.solutions / f"week_{week.number}" / FILE
    if not path.is_file():
        return ()
    name = path.relative_to(course.root)
    try:
        catalogue = msgspec.toml.decode(path.read_bytes(), type=Catalogue)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{name}: {error}") from error
    problems = []
    seen: set[str] = set()
    for mistake in catalogue.mistake:
        if mistake.id in seen:
            problems.append(f'{name}: the id "{mistake.id}" is used twice')
        if mistake.module not in week.modules:
            problems.append(
                f"{name}: {mistake.id}: {mistake.module}.py is not a module of the week"
            )
        seen.add(mistake.id)
    if problems:
        raise CourseError(*problems)
    return catalogue.mistake


def apply(mistake: Mistake, solution: str) -> str:
    """The solution with this mistake in it.

    Raises:
        CourseError: there is no such function, or not exactly one place to replace in it.
    """
    span = function_span(solution, mistake.function)
    if span is None:
        raise CourseError(f"{mistake.id}: no function {mistake.function} in {mistake.module}.py")
    lines = solution.splitlines(keepends=True)
    first, last = span
    body = "".join(lines[first:last])
    if (count := body.count(mistake.replace)) != 1:
        raise CourseError(
            f"{mistake.id}: the text to replace occurs {count} times in {mistake.where}, not once"
        )
    return (
        "".join(lines[:first])
        + body.replace(mistake.replace, mistake.with_)
        + "".join(lines[last:])
    )


def function_span(source: str, name: str) -> tuple[int, int] | None:
    """The lines [first, last) of the function or class with this qualified name."""
    scope: list[ast.stmt] = ast.parse(source).body
    node: ast.stmt | None = None
    for part in name.split("."):
        kinds = (ast.FunctionDef, ast.ClassDef)
        node = next((n for n in scope if isinstance(n, kinds) and n.name == part), None)
        if node is None:
            return None
        scope = node.body
    if node is None or node.end_lineno is None:
        return None
    return node.lineno - 1, node.end_lineno


def write_variant(course: Course, week: Week, mistake: Mistake, folder: Path) -> None:
    """A submission in `folder` that is the solution but for this mistake."""
    source = course.solutions / f"week_{week.number}"
    for module in week.modules:
        text = (source / f"{module}.py").read_text(encoding="utf-8")
        text = apply(mistake, text) if module == mistake.module else text
        (folder / f"{module}.py").write_text(text, encoding="utf-8")
