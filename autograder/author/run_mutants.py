"""Runs mutants against the week's checks, until one check tells them from the solution.

What kills a mutant is cached under a hash of the mutant and of all that judges it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autograder.checking.tools import Run
from autograder.mistakes.changing import Changing, changing
from autograder.mistakes.keys import Keys, digest
from autograder.mistakes.spreading import spread
from autograder.mutants.mutants import Mutant
from autograder.options import GradingError, Options
from autograder.oracle.cache import cache_of
from autograder.results import OUR_FAULT, Verdict
from autograder.sandbox.launch import Limits
from course.config import Course, Week, load_course

# Short: a loop without an end is killed by them. The checks themselves take milliseconds.
LIMITS = Limits(check_seconds=10.0, total_seconds=120.0, memory=1 << 30)
OPTIONS = Options(sandboxed=False, accuracy=False, limits=LIMITS, first_failure=True)
SURVIVED = ""


class Stage(NamedTuple):
    """Checks to run, and the key under which what comes of them is cached."""

    modules: tuple[str, ...]
    key: str


def killers(
    course: Course, week: Week, mutants: Sequence[Mutant], options: Options, jobs: int = 0
) -> dict[str, str]:
    """What killed each mutant, by its id: "test_linear.py::test_linear_forward (failed)".

    SURVIVED, an empty text, if nothing did.

    Args:
        jobs: how many run at a time; 0 means one for each core.
    """
    keys = Keys(course, week, options)
    stages = {mutant.id: stages_of(course, week, mutant, keys) for mutant in mutants}
    found = {mutant.id: from_cache(course, stages[mutant.id]) for mutant in mutants}
    missing = [(mutant, stages[mutant.id]) for mutant in mutants if found[mutant.id] is None]
    work = partial(run_some, course.root, week.number, options)
    made = spread(work, missing, f"week {week.number}: mutants", jobs)
    return {id: killer for id, killer in (found | made).items() if killer is not None}


def stages_of(course: Course, week: Week, mutant: Mutant, keys: Keys) -> tuple[Stage, ...]:
    """The checks of the mutant's own module, then those of all others of the week."""
    text = [keys.common, keys.secret, mutant.module, mutant.source]
    checks = course.checks(week.number)
    checked = [name for name in week.modules if (checks / f"test_{name}.py").is_file()]
    own = tuple(name for name in checked if name == mutant.module)
    others = tuple(name for name in checked if name != mutant.module)
    found = (
        Stage(own, digest([*text, "own", keys.modules[mutant.module]], [Path(__file__)])),
        Stage(others, digest([*text, "others", *keys.modules.values()], [Path(__file__)])),
    )
    return tuple(stage for stage in found if stage.modules)


def from_cache(course: Course, stages: Sequence[Stage]) -> str | None:
    """What killed a mutant; None if that isn't known for every stage up to its death."""
    for stage in stages:
        cached = cache_of(course.root).get(stage.key)
        if cached is None:
            return None
        if killer := str(cached["killer"]):
            return killer
    return SURVIVED


def run_some(
    root: Path, number: int, options: Options, work: Sequence[tuple[Mutant, Sequence[Stage]]]
) -> dict[str, str]:
    """What kills each of some mutants, by its id."""
    course = load_course(root)
    with changing(course, course.week(number), options) as run:
        return {m.id: run_one(run, course, m, stages, options) for m, stages in work}


def run_one(
    run: Changing, course: Course, mutant: Mutant, stages: Sequence[Stage], options: Options
) -> str:
    """Run a mutant through its stages, and put what came of it into the cache."""
    for stage in stages:
        killer = from_cache(course, [stage])
        if killer is None:
            ran = run({mutant.module: mutant.source}, replace(options, modules=stage.modules))
            killer, verdict = outcome(mutant, ran)
            if verdict is not Verdict.TIMEOUT:  # which another time may end otherwise
                cache_of(course.root).put(stage.key, {"killer": np.asarray(killer)})
        if killer:
            return killer
    return SURVIVED


def outcome(mutant: Mutant, run: Run) -> tuple[str, Verdict]:
    """The first check that a mutant doesn't pass, and how it ended; SURVIVED if it passes all.

    Raises:
        GradingError: a check could not be run, which says nothing of the mutant.
    """
    results = run.results.values()
    for result in results:
        if result.verdict is not Verdict.PASSED and result.verdict not in OUR_FAULT:
            return f"{result.id} ({result.verdict})", result.verdict
    for result in results:
        if result.verdict in OUR_FAULT:
            raise GradingError(f"{mutant.id}: {result.id} can't be graded: {result.message}")
    return SURVIVED, Verdict.PASSED
