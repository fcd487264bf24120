"""Proves a week's checks: by its solution, its skeleton, near-stubs, and its mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from autograder.author.findings import Finding
from autograder.author.verify_mistakes import verify_mistakes
from autograder.author.verify_near_stubs import verify_near_stubs
from autograder.author.verify_notebook import verify_notebook
from autograder.author.verify_probes import verify_probes
from autograder.author.verify_touches import verify_touches
from autograder.checking.names import is_named_for
from autograder.checking.points import WEEK as POINTS
from autograder.grading import grade
from autograder.options import Options
from autograder.results import Record, Verdict
from course import accuracy
from course import catalogue as mistakes
from course.catalogue import Mistake
from course.config import Course, Standards, Week
from course.errors import CourseError

OPTIONS = Options(sandboxed=False)
TRAINED = 5  # mistakes for each accuracy check: a training takes as long as all other checks
Names = Mapping[str, tuple[str, ...]]  # of classes and functions, by their module


def verify(course: Course, week: Week, module: str = "", secrets: int = 0) -> Iterator[Finding]:
    """Prove a week, one finding after another.

    Args:
        module: prove this module alone. Left out is then what only a whole week has: the sum of
            points, models that are trained, the notebook.
        secrets: make the catalogue's mistakes with inputs from so many other secrets as well, and
            train all of them that an accuracy check is known to catch, not just a few.
    """
    standards = course.standards
    modules = {module: week.module(module)} if module else week.modules
    options = replace(OPTIONS, modules=(module,) if module else ())
    solution = grade(course, week, course.solutions / f"week_{week.number}", options)
    yield Finding(f"the solution scores {solution.score:g} of {solution.max_score:g}",
                  full_marks(solution))  # fmt: skip
    if not module:
        yield Finding(f"of {POINTS} points, at least {standards.hidden:g} % are on hidden checks",
                      points(solution, standards))  # fmt: skip
    yield Finding("every class and function is checked", unchecked(modules, solution))
    yield verify_touches(course, week)
    skeleton = course.assignments / f"week_{week.number}"
    if not skeleton.is_dir():
        problem = f"assignments/week_{week.number} is missing: run `release build {week.number}`"
        yield Finding("the skeleton", (problem,))
    else:
        record = grade(course, week, skeleton, options)
        yield Finding("the skeleton scores 0, every check not_attempted", untouched(record))
    yield verify_near_stubs(course, week, modules, solution, whole=not module)
    yield verify_probes(course, week, modules)
    if not module:
        yield from verify_notebook(course, week)
        yield calibrated(course, week, solution)
    try:
        catalogue = [m for m in mistakes.load(course, week) if m.module in modules]
    except CourseError as error:
        yield Finding("the catalogue of mistakes", tuple(error.problems))
        return
    if not catalogue and not standards.mistakes:
        yield Finding("a catalogue of mistakes", absent=True)
        return
    yield Finding(f"at least {standards.mistakes} mistakes for every class and function",
                  enough(modules, catalogue, standards))  # fmt: skip
    trains = 0 if module else len(catalogue) if secrets else TRAINED
    yield verify_mistakes(course, week, catalogue, solution, trains)
    for number in range(secrets):
        yield verify_mistakes(course, week, catalogue, solution, 0, f"secret {number}")


def full_marks(record: Record) -> tuple[str, ...]:
    return tuple(
        f"{check.id}: {check.verdict}: {check.message}"
        for check in record.checks
        if check.verdict is not Verdict.PASSED
    )


def points(record: Record, standards: Standards) -> tuple[str, ...]:
    hidden = round(sum(check.max_points for check in record.checks if check.hidden), 2)
    problems = [f"{check.id} has no points" for check in record.checks if not check.max_points]
    if 100 * hidden < standards.hidden * record.max_score:
        problems.append(f"only {hidden:g} points are on hidden checks")
    return tuple(problems)


def names_of(modules: Names) -> list[str]:
    """The classes and functions that these modules define."""
    return [name for defined in modules.values() for name in defined]


def unchecked(modules: Names, record: Record) -> tuple[str, ...]:
    checks = [check.id.partition("::")[2] for check in record.checks]
    return tuple(
        f"{name}: no check is named for it: test_{name.lower()}_..., underscores as you like"
        for name in names_of(modules)
        if not any(is_named_for(check, name) for check in checks)
    )


def untouched(record: Record) -> tuple[str, ...]:
    problems = [f"it scores {record.score:g}"] if record.score else []
    problems += [
        f"{check.id} is {check.verdict}: {check.message}"
        for check in record.checks
        if check.verdict is not Verdict.NOT_ATTEMPTED
    ]
    return tuple(problems if record.todos else [*problems, "it lists no TODO"])


def calibrated(course: Course, week: Week, record: Record) -> Finding:
    """Entries without a check, or without a margin. (A check without an entry fails by itself.)"""
    entries = accuracy.load(course, week.number)
    if not entries and not any(check.module == "accuracy" for check in record.checks):
        return Finding("checks of accuracy", absent=True)
    names = {check.id.partition("::")[2] for check in record.checks}
    problems = []
    for name, entry in entries.items():
        if name not in names:
            problems.append(f"accuracy.toml calibrates {name}, which is no check")
        if entry.margin <= 0 or entry.seeds < 20:
            problems.append(f"{name}: a margin of {entry.margin} from {entry.seeds} seeds is none")
    return Finding("accuracy checks are calibrated, with a margin", tuple(problems))


def enough(modules: Names, catalogue: list[Mistake], standards: Standards) -> tuple[str, ...]:
    """Names with too few mistakes; one in a shared base counts for each that it is caught in."""
    counts = {
        name: sum(any(is_named_for(check, name) for check in m.checks) for m in catalogue)
        for name in names_of(modules)
    }
    return tuple(f"{n} has {count} mistakes" for n, count in counts.items()
                 if count < standards.mistakes)  # fmt: skip
