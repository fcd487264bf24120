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
from course.config import Course, Standards, Week

OPTIONS = Options(sandboxed=False)


def verify_notebook(course: Course, week: Week) -> Iterator[Finding]:
    """Prove a week's notebook, one finding after another."""
    solution, standards = course.folder(week.number), course.standards
    checks = course.checks(week.number) / f"test_{notebook.EXERCISE}.py"
    file = solution / notebook.NAME
    if not file.is_file():
        advice = "write it, or take what speaks of it out of course.toml and the checks"
        problems = (f"{course.relative(file)} is missing: {advice}",)
        wanted = bool(week.exercise) or checks.is_file()
        yield Finding("an exercise notebook", problems if wanted else (), absent=not wanted)
        return
    cells = json.loads(file.read_bytes())["cells"]
    record = graded(course, week, solution)
    if checks.is_file():
        yield Finding(
            f"the notebook runs, and scores {record.score:g} of {record.max_score:g}",
            solved(record, standards),
        )
        yield from released(course, week)
    yield Finding("each of its checks belongs to a cell", tuple(belongs(record, cells)))
    if standards.graded_by_hand:
        least, most = standards.graded_by_hand
        count = sum(bool(m.get("grade") and m.get("solution")) for m in marked(cells))
        fits = least <= count <= most
        yield Finding("as many cells are graded by hand as the course wants",
                      () if fits else (f"{count} are, not {least} to {most}",))  # fmt: skip


def released(course: Course, week: Week) -> Iterator[Finding]:
    """What students get of it."""
    folder = course.assignments / f"week_{week.number}"
    if not (folder / notebook.NAME).is_file():
        file = course.relative(folder / notebook.NAME)
        problem = f"{file} is missing: run `release build {week.number}`"
        yield Finding("the released notebook", (problem,))
        return
    skeleton = graded(course, week, folder)
    yield Finding("the released notebook scores 0, every check not_attempted", empty(skeleton))


def graded(course: Course, week: Week, folder: Path) -> Record:
    """A record of nothing but the notebook."""
    record = Record(week.number, week.title, "", [])
    grade_notebook(course, week, folder, OPTIONS, record)
    return finish(record)


def solved(record: Record, standards: Standards) -> tuple[str, ...]:
    problems = [
        f"{check.id}: {check.verdict}: {check.message}"
        for check in record.checks
        if check.verdict is not Verdict.PASSED
    ]
    if standards.notebook_points not in (0, record.max_score):
        problems.append(f"the points add up to {record.max_score:g}")
    return tuple(problems + record.notes)


def belongs(record: Record, cells: list[dict[str, Any]]) -> Iterator[str]:
    """Checks and autograded cells that don't have the same names and points."""
    graded = [m for m in marked(cells) if m.get("grade") and not m.get("solution")]
    points = {m["grade_id"]: float(m["points"]) for m in graded}
    checks = {check.id.partition("::")[2]: check.max_points for check in record.checks}
    for name in sorted(points.keys() | checks.keys()):
        if points.get(name) != checks.get(name):
            yield f"{name}: {points.get(name)} points in its cell, {checks.get(name)} in its check"


def marked(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """nbgrader's metadata of each cell."""
    return [cell["metadata"].get("nbgrader", {}) for cell in cells]


def empty(record: Record) -> tuple[str, ...]:
    problems = [
        f"{check.id} is {check.verdict}: {check.message}"
        for check in record.checks
        if check.verdict is not Verdict.NOT_ATTEMPTED
    ]
    return tuple(problems if record.checks else ["it has no checks"])
