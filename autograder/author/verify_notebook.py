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

OPTIONS = Options(sandboxed=False)


def verify_notebook(course: Course, week: Week) -> Iterator[Finding]:
    """Prove a week's notebook, one finding after another."""
    standards = course.standards
    checks = course.checks(week.number) / f"test_{notebooks.MODULE}.py"
    file = notebooks.path(course, week.number)
    if not file.is_file():
        advice = "write it, or take what speaks of it out of course.toml and the checks"
        problems = (f"{course.relative(file)} is missing: {advice}",)
        wanted = bool(week.exercise) or checks.is_file()
        yield Finding("an exercise notebook", problems if wanted else (), absent=not wanted)
        return
    cells = notebooks.read(file, course).cells
    record = graded(course, week, file.parent)
    if checks.is_file():
        yield Finding(
            f"the notebook runs, and scores {record.score:g} of {record.max_score:g}",
            solved(record),
        )
        yield from released(course, week)
    yield Finding("each of its checks belongs to a cell", tuple(belongs(record, cells)))
    if standards.graded_by_hand:
        least, most = standards.graded_by_hand
        count = sum(cell.settings.grade and cell.settings.solution for cell in cells)
        fits = least <= count <= most
        yield Finding("as many cells are graded by hand as the course wants",
                      () if fits else (f"{count} are, not {least} to {most}",))  # fmt: skip


def released(course: Course, week: Week) -> Iterator[Finding]:
    """What students get of it."""
    folder = course.assignments / f"week_{week.number}"
    if not (folder / notebooks.NAME).is_file():
        file = course.relative(folder / notebooks.NAME)
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


def solved(record: Record) -> tuple[str, ...]:
    problems = [
        f"{check.id}: {check.verdict}: {check.message}"
        for check in record.checks
        if check.verdict is not Verdict.PASSED
    ]
    return tuple(problems + record.notes)


def belongs(record: Record, cells: list[CourseCell]) -> Iterator[str]:
    """Checks and autograded cells that don't have the same names and points."""
    graded = [cell.settings for cell in cells if cell.settings.grade]
    points = {one.grade_id: one.points for one in graded if not one.solution}
    checks = {check.id.partition("::")[2]: check.max_points for check in record.checks}
    for name in sorted(points.keys() | checks.keys()):
        if points.get(name) != checks.get(name):
            yield f"{name}: {points.get(name)} points in its cell, {checks.get(name)} in its check"


def empty(record: Record) -> tuple[str, ...]:
    problems = [
        f"{check.id} is {check.verdict}: {check.message}"
        for check in record.checks
        if check.verdict is not Verdict.NOT_ATTEMPTED
    ]
    return tuple(problems if record.checks else ["it has no checks"])
