"""What stands at a check: its place, its weight, the checks that it needs, and who sees it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial

import pytest
from msgspec import Struct
from msgspec.structs import replace

from course import notebooks
from course.config import Course
from course.errors import did_you_mean
from course.markers import hidden_lines, unix_newlines
from course.names import bound_names


class Mark(Struct, frozen=True):
    """A check as its file says it."""

    name: str
    module: str  # "linear" for the checks in test_linear.py
    file: str  # as messages name it
    hidden: bool
    find_line: Callable[[], int]  # only messages name it, and it takes reading all of the file
    weight: int = 1
    needs: tuple[str, ...] = ()
    fault: str = ""  # what is wrong with the arguments of its marker

    @property
    def line(self) -> int:
        return self.find_line()

    @property
    def of_notebook(self) -> bool:
        return self.module == notebooks.MODULE


def read(items: Iterable[pytest.Function], course: Course) -> dict[str, Mark]:
    """The marks of checks by their ids; each file is read once.

    Raises:
        CourseError: the HIDDEN TESTS markers of a file are wrong.
    """
    marks, texts = {}, {}
    for item in items:
        if item.path not in texts:
            texts[item.path] = item.path.read_text(encoding="utf-8")
        marks[check_id(item)] = mark_of(item, course.relative(item.path), texts[item.path])
    return marks


def mark_of(item: pytest.Function, file: str, text: str) -> Mark:
    lines, find_line = hidden_lines(text, file), partial(line_of, item, text)
    hidden = bool(lines) and find_line() in lines
    mark = Mark(item.name, item.path.stem.removeprefix("test_"), file, hidden, find_line)
    marker = item.get_closest_marker("check")
    try:
        weight, needs = arguments(*marker.args, **marker.kwargs) if marker else arguments()
    except TypeError as error:
        return replace(mark, fault=str(error))
    return replace(mark, weight=weight, needs=needs)


def arguments(*, weight: int = 1, needs: str | Sequence[str] = ()) -> tuple[int, tuple[str, ...]]:
    """Those of `@pytest.mark.check(weight=2, needs="test_linear_forward")`, which has no others.

    Raises:
        TypeError: the weight is no whole number, or less than 1.
    """
    if type(weight) is not int or weight < 1:
        raise TypeError(f"weight={weight!r}: it is a whole number, 1 or more")
    return weight, (needs,) if isinstance(needs, str) else tuple(needs)


def line_of(item: pytest.Function, text: str) -> int:
    """The line of a check in its file: that of its function, or of its declaration."""
    declared = 0 if item.cls else lines_of(text).get(item.originalname, 0)
    return declared or int(item.function.__code__.co_firstlineno)


@lru_cache(maxsize=64)  # a batch asks for the same files again and again
def lines_of(text: str) -> dict[str, int]:
    """The line of every name that a file binds at its top level; the last one counts."""
    body = ast.parse(unix_newlines(text)).body
    return {name: statement.lineno for statement in body for name in bound_names([statement])}


def title_of(item: pytest.Function) -> str:
    """The first line of a check's docstring; of one that is parametrized, with the case."""
    title = (item.function.__doc__ or item.name).strip().splitlines()[0].rstrip(".")
    return title + (f" ({item.callspec.id})" if item.name != item.originalname else "")


def check_id(item: pytest.Item) -> str:
    """ "test_linear.py::test_linear_forward", the same on every machine."""
    return f"{item.path.name}::{item.name}"


def faults(marks: Mapping[str, Mark]) -> Iterator[str]:
    """What is wrong with the marks of a week's checks, each with file and line.

    A check can need another of its part only, which is run together with it: the modules' checks
    are one, the notebook's another.
    """
    for of_notebook in (False, True):
        part = [mark for mark in marks.values() if mark.of_notebook is of_notebook]
        known = {mark.name: mark for mark in part}
        for mark in part:
            problems = [mark.fault] if mark.fault else []
            for problem in (*problems, *unmet(mark, known)):
                yield f"{mark.file}:{mark.line}: {mark.name}: {problem}"


def unmet(mark: Mark, known: Mapping[str, Mark]) -> Iterator[str]:
    """Names that a check needs and that can't have passed before it."""
    for name in mark.needs:
        if name not in known:
            yield f"it needs {name}, which is no check.{did_you_mean(name, known)}"
        elif known[name].hidden and not mark.hidden:
            yield f"it needs {name}, which is hidden, so students don't have it"
