"""Proves a week's exercise notebook: by its solution, its released version, and its checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.author.findings import Finding
from autograder.checking.notebook import grade_notebook
from autograder.options import Options
from autograder.results import Record, Verdict, finish
from course import notebooks
from course.config import Course, Week
from course.notebooks import CourseCell

POINTS = 20
OPTIONS = Options(sandboxed=False)


def verify_notebook(course: Course, week: Week) -> Iterator[Finding]:
    """Prove a week's notebook, one finding after another."""
    file = notebooks.path(course, week.number)
    if not file.is_file():
        yield Finding("the exercise notebook", (f"{file} is missing",))
        return
    record = graded(course, week, file.parent)
    yield Finding(f"the notebook runs, and scores {record.score:g} of {POINTS}", solved(record))
    cells = notebooks.read(file, course).cells
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


def belongs(record: Record, cells: list[CourseCell]) -> Iterator[str]:
    """Checks and autograded cells that don't have the same names and points."""
    graded = [cell.settings for cell in cells if cell.settings.grade]
    points = {one.grade_id: one.points for one in graded if not one.solution}
    checks = {check.id.partition("::")[2]: check.max_points for check in record.checks}
    for name in sorted(points.keys() | checks.keys()):
        if points.get(name) != checks.get(name):
            yield f"{name}: {points.get(name)} points in its cell, {checks.get(name)} in its check"
    by_hand = [one for one in graded if one.solution]
    if not 2 <= len(by_hand) <= 3:
        yield f"{len(by_hand)} cells are graded by hand, not two or three"


def empty(record: Record) -> tuple[str, ...]:
    problems = [
        f"{check.id} is {check.verdict}: {check.message}"
        for check in record.checks
        if check.verdict is not Verdict.NOT_ATTEMPTED
    ]
    return tuple(problems if record.checks else ["it has no checks"])
