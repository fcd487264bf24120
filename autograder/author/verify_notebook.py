"""Proves a week's exercise notebook: by its solution, its released version, and its checks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.author.findings import Finding
from autograder.checking.notebook import grade_notebook
from autograder.options import Options
from autograder.results import Record, Verdict, finish
from autograder.submission import notebook_file as notebook
from course.config import Course, Week

POINTS = 20
OPTIONS = Options(sandboxed=False)


def verify_notebook(course: Course, week: Week) -> Iterator[Finding]:
    """Prove a week's notebook, one finding after another."""
    solution = course.solutions / f"week_{week.number}"
    if not (solution / notebook.NAME).is_file():
        yield Finding("the exercise notebook", (f"{solution / notebook.NAME} is missing",))
        return
    record = graded(course, week, solution)
    yield Finding(f"the notebook runs, and scores {record.score:g} of {POINTS}", solved(record))
    cells = json.loads((solution / notebook.NAME).read_bytes())["cells"]
    yield Finding("each of its checks belongs to a cell", tuple(belongs(record, cells)))
    skeleton = graded(course, week, course.assignments / f"week_{week.number}")
    yield Finding("the released notebook scores 0, every check not_attempted", empty(skeleton))


def graded(course: Course, week: Week, folder: Path) -> Record:
    """A record of nothing but the notebook."""
    record = Record(week.number, week.title, "", [])
    grade_notebook(course, week, folder, OPTIONS, record)
    return finish(record)


def solved(record: Record) -> tuple[str, ...]:
    problems = [
        f"{check.id}: {check.verdict}: {check.message}"
        for check in record.checks
        if check.verdict is not Verdict.PASSED
    ]
    if record.max_score != POINTS:
        problems.append(f"the points add up to {record.max_score:g}")
    if not any(check.pictures for check in record.checks):
        problems.append("no check shows a figure")
    return tuple(problems + record.notes)


def belongs(record: Record, cells: list[dict[str, Any]]) -> Iterator[str]:
    """Checks and autograded cells that don't have the same names and points."""
    marked = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    graded = [m for m in marked if m.get("grade") and not m.get("solution")]
    points = {m["grade_id"]: float(m["points"]) for m in graded}
    checks = {check.id.partition("::")[2]: check.max_points for check in record.checks}
    for name in sorted(points.keys() | checks.keys()):
        if points.get(name) != checks.get(name):
            yield f"{name}: {points.get(name)} points in its cell, {checks.get(name)} in its check"
    by_hand = [m for m in marked if m.get("grade") and m.get("solution")]
    if not 2 <= len(by_hand) <= 3:
        yield f"{len(by_hand)} cells are graded by hand, not two or three"


def empty(record: Record) -> tuple[str, ...]:
    problems = [
        f"{check.id} is {check.verdict}: {check.message}"
        for check in record.checks
        if check.verdict is not Verdict.NOT_ATTEMPTED
    ]
    return tuple(problems if record.checks else ["it has no checks"])
