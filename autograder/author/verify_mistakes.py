"""Proves a week's mistakes: each is caught by the checks that it names, and explained by its hint.

All are run first, once and on all cores; then each is explained as if it had been handed in.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

from autograder.author.findings import Finding
from autograder.mistakes.effects import CHECKS, Effect, effects
from autograder.mistakes.explaining import explanations
from autograder.mistakes.fingerprints import Fingerprint, of_modules
from autograder.mistakes.keys import Part
from autograder.mistakes.variants import apply
from autograder.options import Options
from autograder.results import Record, Verdict
from course import accuracy
from course.catalogue import Mistake
from course.config import Course, Week
from course.errors import CourseError


def verify_mistakes(
    course: Course,
    week: Week,
    catalogue: list[Mistake],
    solution: Record,
    trains: int,
    secret: str | None = None,
) -> Finding:
    """What is wrong with the mistakes of this catalogue.

    Args:
        solution: the record of the solution, with the checks that the mistakes may name.
        trains: hold so many mistakes to each accuracy check that they were calibrated to fail.
        secret: draw inputs from this one. Default: the course's own.
    """
    what = (
        f"each of {len(catalogue)} mistakes is caught by the checks that it names, and explained "
        f"by its own hint{'' if secret is None else f', with {secret}'}"
    )
    options = Options(secret=secret)
    impossible = [problem for m in catalogue for problem in cannot_be_made(course, week, m)]
    problems = [*unknown_checks(catalogue, solution), *impossible]
    if impossible:  # no submission can be compared with all mistakes then
        return Finding(what, tuple(sorted(problems)))
    unlearnt = {m.id: unlearnt_by(course, week, m, trains) for m in catalogue}
    wanted = {m: (*CHECKS, Part.TRAINED) if unlearnt[m.id] else CHECKS for m in catalogue}
    found = effects(course, week, wanted, options, "mistakes")
    fingerprints = of_modules(course, week, {m.module for m in catalogue}, options)
    for mistake in catalogue:
        siblings = [f for f in fingerprints if f.module == mistake.module]
        problems += against(mistake, unlearnt[mistake.id], found[mistake.id], siblings, week)
    return Finding(what, tuple(sorted(problems)))


def unknown_checks(catalogue: list[Mistake], solution: Record) -> Iterator[str]:
    """Checks that mistakes name, and that their modules don't have."""
    known = {(check.module, name_of(check.id)) for check in solution.checks}
    for mistake in catalogue:
        for check in mistake.checks:
            if (mistake.module, check) not in known:
                yield f"{mistake.id}: names {check}, which is no check of {mistake.module}"


def cannot_be_made(course: Course, week: Week, mistake: Mistake) -> tuple[str, ...]:
    """Why the text that a mistake replaces isn't there, exactly once, to be replaced."""
    solution = course.solutions / f"week_{week.number}" / f"{mistake.module}.py"
    try:
        apply(mistake, solution.read_text(encoding="utf-8"))
    except CourseError as error:
        return error.problems
    return ()


def unlearnt_by(course: Course, week: Week, mistake: Mistake, trains: int) -> tuple[str, ...]:
    """The accuracy checks that this mistake never passes, if it is one of the few for them."""
    entries = accuracy.load(course, week.number)
    few = {name: spaced(entry.caught, trains) for name, entry in entries.items()}
    return tuple(name for name, mistakes in few.items() if mistake.id in mistakes)


def spaced(mistakes: tuple[str, ...], number: int) -> tuple[str, ...]:
    """At most so many of them, at equal distances: neighbours are much alike."""
    return mistakes[:: math.ceil(len(mistakes) / number)] if number and mistakes else ()


def against(
    mistake: Mistake,
    unlearnt: tuple[str, ...],
    effect: Effect,
    known: Collection[Fingerprint],
    week: Week,
) -> Iterator[str]:
    """What speaks against one mistake: not caught, or explained by another's hint."""
    explained = explanations(effect.verdicts, effect.evidence, known, week)
    checks = {name_of(check): check for check in effect.verdicts}
    for name in (*mistake.checks, *unlearnt):
        if name not in checks:
            continue
        check = checks[name]
        verdict = effect.verdicts[check]
        if verdict is Verdict.PASSED:
            yield f"{mistake.id}: {name} passes, it should not"
        elif name in mistake.checks and (
            check not in explained or explained[check][0].id != mistake.id
        ):
            other = f"by {explained[check][0].id}" if check in explained else "by none"
            yield f"{mistake.id}: {name} ({verdict}) is explained {other}"


def name_of(check: str) -> str:
    """The name of the function: "test_linear.py::test_linear_forward" -> "test_linear_forward"."""
    return check.partition("::")[2]
