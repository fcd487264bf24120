"""Runs mutants against the week's checks, until one check tells them from the solution.

What kills a mutant is cached under a hash of the mutant and of all that judges it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import as_completed
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autograder.author.mutants import Mutant
from autograder.checking.run import run_checks
from autograder.mistakes.keys import Keys, digest
from autograder.mistakes.variants import write_solution
from autograder.options import GradingError, Options
from autograder.oracle.cache import cache_of
from autograder.pool import pool
from autograder.progress import progress
from autograder.results import OUR_FAULT, Verdict
from autograder.sandbox.launch import Limits
from autograder.submission.opening import opened
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
    missing = [mutant for mutant in mutants if found[mutant.id] is None]
    if missing:
        with (
            progress(f"week {week.number}: mutants", len(missing)) as advance,
            pool(min(jobs or os.cpu_count() or 1, len(missing))) as executor,
        ):
            futures = {
                executor.submit(
                    run_one, course.root, week.number, mutant, stages[mutant.id], options
                ): mutant.id
                for mutant in missing
            }
            for future in as_completed(futures):
                found[futures[future]] = future.result()
                advance()
    return {id: killer for id, killer in found.items() if killer is not None}


def stages_of(course: Course, week: Week, mutant: Mutant, keys: Keys) -> tuple[Stage, ...]:
    """The checks of the mutant's own module, then those of all others of the week."""
    text = [keys.common, keys.secret, mutant.module, mutant.source]
    checks = course.checks(week.number)
    checked = [name for name in week.modules if (checks / f"test_{name}.py").is_file()]
    own = tuple(name for name in checked if name == mutant.module)
    others = tuple(name for name in checked if name != mutant.module)
    found = (
        Stage(own, digest([*text, "own", keys.modules[mutant.module]], [])),
        Stage(others, digest([*text, "others", *keys.modules.values()], [])),
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


def run_one(
    root: Path, number: int, mutant: Mutant, stages: Sequence[Stage], options: Options
) -> str:
    """Run a mutant through its stages, and put what came of it into the cache."""
    course = load_course(root)
    week = course.week(number)
    for stage in stages:
        killer = from_cache(course, [stage])
        if killer is None:
            killer, verdict = run(course, week, mutant, stage.modules, options)
            if verdict is not Verdict.TIMEOUT:  # which another time may end otherwise
                cache_of(root).put(stage.key, {"killer": np.asarray(killer)})
        if killer:
            return killer
    return SURVIVED


def run(
    course: Course, week: Week, mutant: Mutant, modules: tuple[str, ...], options: Options
) -> tuple[str, Verdict]:
    """The first check that a mutant doesn't pass, and how it ended; SURVIVED if it passes all.

    Raises:
        GradingError: a check could not be run, which says nothing of the mutant.
    """
    options = replace(options, modules=modules)
    with tempfile.TemporaryDirectory() as folder:
        write_solution(course, week, {mutant.module: mutant.source}, Path(folder))
        with opened(course, week, Path(folder), options) as (session, _):
            results = run_checks(course, week, session, options).results.values()
    for result in results:
        if result.verdict is not Verdict.PASSED and result.verdict not in OUR_FAULT:
            return f"{result.id} ({result.verdict})", result.verdict
    for result in results:
        if result.verdict in OUR_FAULT:
            raise GradingError(f"{mutant.id}: {result.id} can't be graded: {result.message}")
    return SURVIVED, Verdict.PASSED
