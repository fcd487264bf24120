"""Proves a week's checks: by its solution, its skeleton, and every mistake of its catalogue."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

from autograder.author.findings import Finding
from autograder.author.verify_notebook import verify_notebook
from autograder.checking.points import WEEK as POINTS
from autograder.grading import grade
from autograder.mistakes.variants import apply, write_variant
from autograder.options import Options
from autograder.pool import pool
from autograder.results import Record, Verdict
from course import accuracy
from course import catalogue as mistakes
from course.catalogue import Mistake
from course.config import Course, Standards, Week, load_course
from course.errors import CourseError

OPTIONS = Options(sandboxed=False)


def verify(course: Course, week: Week, on_mistake: Callable[[], None]) -> Iterator[Finding]:
    """Prove a week, one finding after another."""
    standards = course.standards
    solution = grade(course, week, course.solutions / f"week_{week.number}", OPTIONS)
    yield Finding(f"the solution scores {solution.score:g} of {solution.max_score:g}",
                  full_marks(solution))  # fmt: skip
    yield Finding(f"of {POINTS} points, at least {standards.hidden:g} % are on hidden checks",
                  points(solution, standards))  # fmt: skip
    yield Finding("every class and function is checked", unchecked(week, solution))
    skeleton = course.assignments / f"week_{week.number}"
    if not skeleton.is_dir():
        problem = f"assignments/week_{week.number} is missing: run `release build {week.number}`"
        yield Finding("the skeleton", (problem,))
    else:
        record = grade(course, week, skeleton, OPTIONS)
        yield Finding("the skeleton scores 0, every check not_attempted", untouched(record))
    yield from verify_notebook(course, week)
    yield calibrated(course, week, solution)
    try:
        catalogue = mistakes.load(course, week)
    except CourseError as error:
        yield Finding("the catalogue of mistakes", tuple(error.problems))
        return
    if not catalogue and not standards.mistakes:
        yield Finding("a catalogue of mistakes", absent=True)
        return
    yield Finding(f"at least {standards.mistakes} mistakes for every class and function",
                  enough(week, catalogue, standards))  # fmt: skip
    names = {check.id.partition("::")[2] for check in solution.checks}
    yield Finding(f"each of {len(catalogue)} mistakes is caught by the checks that it names, and "
                  "explained by its own hint", tuple(
                      all_mistakes(course, week, catalogue, names, on_mistake)))  # fmt: skip


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


def is_named_for(check: str, name: str) -> bool:
    """Whether a check is one of this class or function: test_bce_loss_backward is of BCELoss.

    Neither underscores nor capitals of the name count, so there is no question how to split it.
    """
    words = check.removeprefix("test_").split("_")
    return name.replace("_", "").lower() in accumulate(words)


def names_of(week: Week) -> list[str]:
    """The classes and functions that a week's modules define."""
    return [name for defined in week.modules.values() for name in defined]


def unchecked(week: Week, record: Record) -> tuple[str, ...]:
    checks = [check.id.partition("::")[2] for check in record.checks]
    return tuple(
        f"{name}: no check is named for it: test_{name.lower()}_..., underscores as you like"
        for name in names_of(week)
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


def enough(week: Week, catalogue: tuple[Mistake, ...], standards: Standards) -> tuple[str, ...]:
    """Names with too few mistakes; one in a shared base counts for each that it is caught in."""
    counts = {
        name: sum(any(is_named_for(check, name) for check in m.checks) for m in catalogue)
        for name in names_of(week)
    }
    return tuple(f"{n} has {count} mistakes" for n, count in counts.items()
                 if count < standards.mistakes)  # fmt: skip


def all_mistakes(
    course: Course,
    week: Week,
    catalogue: tuple[Mistake, ...],
    names: set[str],
    on_mistake: Callable[[], None],
) -> list[str]:
    problems = [
        f"{mistake.id}: names {check}, which is no check"
        for mistake in catalogue
        for check in mistake.checks
        if check not in names
    ]
    impossible = [problem for m in catalogue for problem in cannot_be_made(course, week, m)]
    if impossible:  # no submission can be compared with all mistakes then
        return sorted(problems + impossible)
    with pool(2) as executor:
        futures = [
            executor.submit(one_mistake, course.root, week.number, m, learns(course, week, m))
            for m in catalogue
        ]
        for future in as_completed(futures):
            problems += future.result()
            on_mistake()
    return sorted(problems)


def cannot_be_made(course: Course, week: Week, mistake: Mistake) -> tuple[str, ...]:
    """Why the text that a mistake replaces isn't there, exactly once, to be replaced."""
    solution = course.solutions / f"week_{week.number}" / f"{mistake.module}.py"
    try:
        apply(mistake, solution.read_text(encoding="utf-8"))
    except CourseError as error:
        return error.problems
    return ()


def learns(course: Course, week: Week, mistake: Mistake) -> tuple[str, ...]:
    """The accuracy checks that this mistake was calibrated never to pass."""
    entries = accuracy.load(course, week.number)
    return tuple(name for name, entry in entries.items() if mistake.id in entry.caught)


def one_mistake(root: Path, number: int, mistake: Mistake, unlearnt: tuple[str, ...]) -> list[str]:
    """What speaks against one mistake: not caught, or explained by another's hint."""
    course = load_course(root)
    week = course.week(number)
    with tempfile.TemporaryDirectory() as folder:
        write_variant(course, week, mistake, Path(folder))
        module = None if unlearnt else mistake.module
        record = grade(course, week, Path(folder), replace(OPTIONS, module=module))
    results = {check.id.partition("::")[2]: check for check in record.checks}
    problems = []
    for name in (*mistake.checks, *unlearnt):
        check = results.get(name)
        if check is None:
            continue
        if check.verdict is Verdict.PASSED:
            problems.append(f"{mistake.id}: {name} passes, it should not")
        elif name in mistake.checks and check.mistake != mistake.id:
            other = f"by {check.mistake}" if check.mistake else "by none"
            problems.append(f"{mistake.id}: {name} ({check.verdict}) is explained {other}")
    return problems
