"""Proves a week's checks: by its solution, its skeleton, and every mistake of its catalogue."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from autograder.author.findings import Finding
from autograder.author.verify_mistakes import verify_mistakes
from autograder.author.verify_notebook import verify_notebook
from autograder.grading import grade
from autograder.mistakes import catalogue as mistakes
from autograder.mistakes.catalogue import Mistake
from autograder.options import Options
from autograder.results import Record, Verdict
from course import accuracy
from course.config import Course, Week
from course.errors import CourseError

POINTS = 100
MISTAKES_PER_CLASS = 6
OPTIONS = Options(sandboxed=False)
Classes = Mapping[str, tuple[str, ...]]  # by their module


def verify(course: Course, week: Week, module: str = "") -> Iterator[Finding]:
    """Prove a week, one finding after another.

    Args:
        module: prove this module alone. Left out is then what only a whole week has: the sum of
            points, models that are trained, the notebook.
    """
    modules = {module: week.module(module)} if module else week.modules
    options = replace(OPTIONS, modules=(module,) if module else ())
    solution = grade(course, week, course.solutions / f"week_{week.number}", options)
    yield Finding(f"the solution scores {solution.score:g} of {solution.max_score:g}",
                  full_marks(solution))  # fmt: skip
    if not module:
        yield Finding(f"points add up to {POINTS}, at least half of them hidden", points(solution))
    yield Finding("every class is checked", classes(modules, solution))
    skeleton = course.assignments / f"week_{week.number}"
    if not skeleton.is_dir():
        problem = f"assignments/week_{week.number} is missing: run `release build {week.number}`"
        yield Finding("the skeleton", (problem,))
    else:
        record = grade(course, week, skeleton, options)
        yield Finding("the skeleton scores 0, every check not_attempted", untouched(record))
    if not module:
        yield from verify_notebook(course, week)
        yield Finding(
            "accuracy checks are calibrated, with a margin", calibrated(course, week, solution)
        )
    try:
        catalogue = [m for m in mistakes.load(course, week) if m.module in modules]
    except CourseError as error:
        yield Finding("the catalogue of mistakes", tuple(error.problems))
        return
    yield Finding(f"at least {MISTAKES_PER_CLASS} mistakes for every class",
                  enough(modules, catalogue))  # fmt: skip
    yield verify_mistakes(course, week, catalogue, solution, trains=not module)


def full_marks(record: Record) -> tuple[str, ...]:
    return tuple(
        f"{check.id}: {check.verdict}: {check.message}"
        for check in record.checks
        if check.verdict is not Verdict.PASSED
    )


def points(record: Record) -> tuple[str, ...]:
    hidden = sum(check.max_points for check in record.checks if check.hidden)
    problems = [f"{check.id} has no points" for check in record.checks if not check.max_points]
    if record.max_score != POINTS:
        problems.append(f"the points add up to {record.max_score:g}")
    if hidden * 2 < record.max_score:
        problems.append(f"only {hidden:g} points are on hidden checks")
    return tuple(problems)


def snake(name: str) -> str:
    """A class's name in that of its checks: BCELoss -> bce_loss, MaxPool2d -> max_pool2d."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return words.replace("re_lu", "relu")


def classes(modules: Classes, record: Record) -> tuple[str, ...]:
    names = [check.id.partition("::")[2] for check in record.checks]
    return tuple(
        f"{name}: no check is named test_{snake(name)}_..."
        for defined in modules.values()
        for name in defined
        if not any(check.startswith(f"test_{snake(name)}_") for check in names)
    )


def untouched(record: Record) -> tuple[str, ...]:
    problems = [f"it scores {record.score:g}"] if record.score else []
    problems += [
        f"{check.id} is {check.verdict}: {check.message}"
        for check in record.checks
        if check.verdict is not Verdict.NOT_ATTEMPTED
    ]
    return tuple(problems if record.todos else [*problems, "it lists no TODO"])


def calibrated(course: Course, week: Week, record: Record) -> tuple[str, ...]:
    """Entries without a check, or without a margin. (A check without an entry fails by itself.)"""
    names = {check.id.partition("::")[2] for check in record.checks}
    problems = []
    for name, entry in accuracy.load(course, week.number).items():
        if name not in names:
            problems.append(f"accuracy.toml calibrates {name}, which is no check")
        if entry.margin <= 0 or entry.seeds < 20:
            problems.append(f"{name}: a margin of {entry.margin} from {entry.seeds} seeds is none")
    return tuple(problems)


def enough(modules: Classes, catalogue: list[Mistake]) -> tuple[str, ...]:
    """Classes with too few mistakes; one in a shared base counts for each that it is caught in."""
    names = [name for defined in modules.values() for name in defined]
    counts: Counter[str] = Counter()
    for mistake in catalogue:
        for name in names:
            if any(check.startswith(f"test_{snake(name)}_") for check in mistake.checks):
                counts[name] += 1
    return tuple(
        f"{name} has {counts[name]} mistakes" for name in names if counts[name] < MISTAKES_PER_CLASS
    )
