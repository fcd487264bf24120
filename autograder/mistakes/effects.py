"""What each mistake of the catalogue does: how it ends every check, and what is wrong there.

A mistake is run once: the solution with the mistake in it, on the checks of its module. Proving
the checks, explaining submissions and releasing hints all take what came of that one run, from
the cache.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from autograder.checking.tools import Run
from autograder.mistakes.changing import Changing, changing
from autograder.mistakes.evidence import Evidence, evidence_of, flatten, unflatten
from autograder.mistakes.keys import ACCURACY, Keys, Part
from autograder.mistakes.spreading import spread
from autograder.mistakes.variants import variant
from autograder.options import Options
from autograder.oracle.cache import Arrays, cache_of
from autograder.results import OUR_FAULT, CheckResult, Verdict
from autograder.sandbox.launch import Limits
from course.catalogue import Mistake
from course.config import Course, Week, load_course

CHECKS = (Part.PUBLIC, Part.HIDDEN)
# A busy machine must not change what a mistake does; none of them is about time.
LIMITS = Limits(check_seconds=120.0, training_seconds=600.0, total_seconds=3600.0)
PASSING = OUR_FAULT | {Verdict.TIMEOUT}  # what may end otherwise another time: never cached

Wanted = Mapping[Mistake, Collection[Part]]


@dataclass(frozen=True)
class Effect:
    """How each check ended, by its id, and what was wrong in those that failed."""

    verdicts: dict[str, Verdict]
    evidence: Evidence


def effects(
    course: Course, week: Week, wanted: Wanted, options: Options, doing: str = ""
) -> dict[str, Effect]:
    """What these mistakes do, by their ids. Those that aren't cached are run, on all cores.

    Args:
        doing: what the runs are for, to be shown while they go on; nothing is shown without.
    """
    keys = Keys(course, week, options)
    found = {m.id: from_cache(course, keys, m, parts) for m, parts in wanted.items()}
    missing = [(mistake, parts) for mistake, parts in wanted.items() if found[mistake.id] is None]
    work = partial(run_some, course.root, week.number, options)
    made = spread(work, missing, doing and f"week {week.number}: {doing}")
    return {id: effect for id, effect in (found | made).items() if effect is not None}


def run_some(
    root: Path, number: int, options: Options, wanted: Sequence[tuple[Mistake, Collection[Part]]]
) -> dict[str, Effect]:
    """Run mistakes, and put what came of each into the cache. A rehearsal is a run of its own."""
    course = load_course(root)
    week = course.week(number)
    options = replace(options, sandboxed=False, limits=LIMITS)
    keys, found = Keys(course, week, options), {}
    with changing(course, week, options) as run:
        for mistake, parts in wanted:
            rehearses = Part.REHEARSAL in parts
            chosen = replace(options, public_only=rehearses)
            ran = run_mistake(run, course, week, mistake, Part.TRAINED in parts, chosen)
            packed = {p: pack(ran, p) for p in (parts if rehearses else {*CHECKS, *parts})}
            if not any(result.verdict in PASSING for result in ran.results.values()):
                for part, arrays in packed.items():
                    cache_of(root).put(keys.of(mistake, part), arrays)
            found[mistake.id] = effect({k: a for part in parts for k, a in packed[part].items()})
    return found


def run_mistake(
    run: Changing, course: Course, week: Week, mistake: Mistake, trains: bool, options: Options
) -> Run:
    """Run the checks of the mistake's module on the solution with the mistake in it.

    Args:
        trains: also run the checks that train a model.
    """
    modules = (mistake.module, ACCURACY) if trains else (mistake.module,)
    changed = {mistake.module: variant(course, week, mistake)}
    return run(changed, replace(options, accuracy=trains, modules=modules))


# ---- as arrays, in the cache -------------------------------------------------------------------


def from_cache(
    course: Course, keys: Keys, mistake: Mistake, parts: Collection[Part]
) -> Effect | None:
    """What all these parts hold; None where one is missing."""
    arrays: Arrays = {}
    for part in parts:
        cached = cache_of(course.root).get(keys.of(mistake, part))
        if cached is None:
            return None
        arrays |= cached
    return effect(arrays)


def pack(run: Run, part: Part) -> Arrays:
    """A part of a run as arrays: the verdict under a check's id, and beside it what was wrong."""
    chosen = [result for result in run.results.values() if part_of(run, result) is part]
    verdicts = {result.id: np.asarray(str(result.verdict)) for result in chosen}
    evidence = evidence_of(run)
    return verdicts | flatten({r.id: evidence[r.id] for r in chosen if r.id in evidence})


def part_of(run: Run, result: CheckResult) -> Part:
    if run.public_only:
        return Part.REHEARSAL
    if result.module == ACCURACY:
        return Part.TRAINED
    return Part.HIDDEN if result.hidden else Part.PUBLIC


def effect(arrays: Arrays) -> Effect:
    verdicts = {key: Verdict(str(array)) for key, array in arrays.items() if "\t" not in key}
    return Effect(verdicts, unflatten({key: a for key, a in arrays.items() if "\t" in key}))
