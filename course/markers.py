"""The strict reading of SOLUTION and HIDDEN TESTS markers, and what is cut by them.

A text with a fault is refused with all its faults at once; nothing is ever cut on a guess.
`course.regions` holds the grammar, `course.placement` the rules for where a region may stand.
"""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache

from course.errors import CourseError
from course.placement import imports_to_cut, place
from course.regions import HIDDEN_TESTS, SOLUTION, Problem, Region, may_hold_markers, scan

__all__ = [
    "HIDDEN_TESTS",
    "SOLUTION",
    "MarkerErrors",
    "Region",
    "find_regions",
    "hidden_lines",
    "strip_hidden",
    "strip_solutions",
]


class MarkerErrors(CourseError):
    """The markers of a text are wrong; one problem, with file and line, for each fault."""


def find_regions(text: str, filename: str) -> list[Region]:
    """The regions of a Python text, in the order of their lines.

    Args:
        text: the source.
        filename: how messages name it, such as "solutions/week_1/linear.py".

    Raises:
        MarkerErrors: with every problem of the text.
    """
    try:
        tree = _parse(text, filename)
        regions, code_lines, problems = scan(unix_newlines(text))
        placed, misplaced = place(tree, regions, code_lines)
    except RecursionError:
        raise MarkerErrors(f"{filename}:1: is nested too deeply to be read.") from None
    _refuse(filename, problems + misplaced)
    return sorted(placed, key=lambda region: region.begin_line)


def strip_solutions(text: str, filename: str) -> str:
    """The text with every SOLUTION region replaced by its TODO and a NotImplementedError.

    Raises:
        MarkerErrors: a marker is wrong, or the text holds hidden tests.
    """
    regions = _only(SOLUTION, text, filename)
    lines = unix_newlines(text).split("\n")
    for region in reversed(regions):
        lines[region.begin_line - 1 : region.end_line] = _stub(region, filename)
    return "\n".join(lines)


def strip_hidden(text: str, filename: str) -> str:
    """The text without its HIDDEN TESTS regions, the blank lines around them joined.

    An import at the top of the file that only hidden tests use goes with them.

    Raises:
        MarkerErrors: a marker is wrong, or the text holds solutions.
    """
    regions = _only(HIDDEN_TESTS, text, filename)
    cuts = [(range(r.begin_line, r.end_line + 1), "") for r in regions]
    cuts += imports_to_cut(_parse(text, filename), regions)
    lines = unix_newlines(text).split("\n")
    for cut, left in sorted(cuts, key=lambda c: c[0].start, reverse=True):
        above, below = lines[: cut.start - 1], lines[cut.stop - 1 :]
        lines = [*above, left, *below] if left else _join(above, below)
    return "\n".join(lines)


@lru_cache(maxsize=64)  # a batch asks for the same files again and again
def hidden_lines(text: str, filename: str) -> frozenset[int]:
    """The numbers of the lines, counted from 1, that stand in HIDDEN TESTS regions.

    Where a region may stand is looked at before it is cut, not in every run of the checks.

    Raises:
        MarkerErrors: a marker is wrong.
    """
    if not may_hold_markers(text):  # as in a student's checkout: tokens take their time
        return frozenset()
    regions, _, problems = scan(unix_newlines(text))
    _refuse(filename, problems)
    return frozenset(
        line
        for region in regions
        if region.kind == HIDDEN_TESTS
        for line in range(region.begin_line, region.end_line + 1)
    )


def unix_newlines(text: str) -> str:
    """Every line ending as a single line feed, the way Python counts lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parse(text: str, filename: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is the linter's to report
            return ast.parse(unix_newlines(text))
    except SyntaxError as error:
        line = error.lineno or 1
        raise MarkerErrors(f"{filename}:{line}: not valid Python: {error.msg}.") from None
    except (ValueError, MemoryError) as error:
        raise MarkerErrors(f"{filename}:1: not valid Python: {error}.") from None


def _only(kind: str, text: str, filename: str) -> list[Region]:
    regions = find_regions(text, filename)
    others = [region for region in regions if region.kind != kind]
    _refuse(filename, [(r.begin_line, f"a {r.kind} region has no place here.") for r in others])
    return regions


def _refuse(filename: str, problems: list[Problem]) -> None:
    if problems:
        raise MarkerErrors(*(f"{filename}:{line}: {what}" for line, what in sorted(problems)))


def _stub(region: Region, filename: str) -> list[str]:
    where = f"{filename.removeprefix('solutions/')}: {region.qualname}"
    todo = f"{region.indent}# TODO {region.text}"
    return [todo, f'{region.indent}raise NotImplementedError("{where}")']


def _join(above: list[str], below: list[str]) -> list[str]:
    """Two pieces of text with as many blank lines between them as the larger gap had."""
    head, tail = _without_end(above), _without_end(below[::-1])[::-1]
    if not tail:
        return [*head, ""]
    gap = max(len(above) - len(head), len(below) - len(tail)) if head else 0
    return [*head, *[""] * gap, *tail]


def _without_end(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]
