"""Making a mistake of the catalogue: the wrong variant of a solution."""

from __future__ import annotations

import ast

from course.catalogue import Mistake
from course.config import Course, Week
from course.errors import CourseError


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


def variant(course: Course, week: Week, mistake: Mistake) -> str:
    """The text of the mistake's module with the mistake in it."""
    file = course.folder(week.number) / f"{mistake.module}.py"
    return apply(mistake, file.read_text(encoding="utf-8"))
