"""Finds the thresholds of accuracy checks: far enough below what a correct submission reaches.

A threshold is a lower tolerance bound: with 95 % confidence, at most 1 of 1,000 runs of a
correct submission stays below it, if what they reach is distributed normally. Where it isn't,
because a network gets stuck now and then, it lies a standard deviation below the worst run that
was seen. It rests on runs of the reference with different seeds, and is written to the week's
accuracy.toml together with them. Mistakes that keep a model from learning
are trained too: those that never reach the threshold are named there, and `verify` holds them to
it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from concurrent.futures import Future, as_completed
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

from autograder.mistakes.changing import changing
from autograder.mistakes.variants import variant
from autograder.options import InputError, Options
from autograder.pool import pool
from autograder.results import write_atomically
from course import accuracy, catalogue
from course.accuracy import Accuracy
from course.catalogue import Mistake
from course.config import Course, Week, load_course

MISSES = 1e-3  # how many runs of a correct submission may stay below
CONFIDENCE = 0.95
MISTAKE_SEEDS = 3


@dataclass(frozen=True)
class Trial:
    """What one training reached, by the name of the check; nothing where it didn't finish."""

    reached: dict[str, float]
    losses: dict[str, list[float]]


def tolerance_factor(n: int) -> float:
    """How many standard deviations below the mean of n normal values the bound lies.

    Natrella's approximation of the one-sided tolerance factor (Experimental Statistics, 1963,
    section 2-5), within 1 % of the exact one for n of 20 and more.
    """
    covered, sure = NormalDist().inv_cdf(1 - MISSES), NormalDist().inv_cdf(CONFIDENCE)
    a = 1 - sure**2 / (2 * (n - 1))
    b = covered**2 - sure**2 / n
    return (covered + math.sqrt(covered**2 - a * b)) / a


def calibrate(
    course: Course, week: Week, seeds: int, on_run: Callable[[], None]
) -> dict[str, Accuracy]:
    """Train the reference with `seeds` seeds, and every mistake with a few.

    Raises:
        ValueError: fewer than 20 seeds, on which no bound can rest.
        InputError: the week has no checks of accuracy.
    """
    if seeds < 20:
        raise ValueError("at least 20 seeds are needed for a threshold that holds")
    checks = course.checks(week.number) / "test_accuracy.py"
    if not checks.is_file():
        missing = course.relative(checks)
        raise InputError(f"week {week.number} has no checks of accuracy: {missing} is missing")
    with pool(2) as executor:
        futures: dict[Future[Trial], Mistake | None] = {
            executor.submit(trial, course.root, week.number, s): None for s in range(seeds)
        }
        for mistake in catalogue.load(course, week):
            for seed in range(MISTAKE_SEEDS):
                future = executor.submit(trial, course.root, week.number, seed, mistake)
                futures[future] = mistake
        trials: dict[str, list[Trial]] = {}
        for future in as_completed(futures):
            made = futures[future]
            trials.setdefault(made.id if made else "", []).append(future.result())
            on_run()
    reference = trials.pop("")
    return {name: threshold_of(name, reference, trials) for name in sorted(reference[0].reached)}


def threshold_of(name: str, reference: list[Trial], wrong: dict[str, list[Trial]]) -> Accuracy:
    """The threshold of one check, from the reference's trials and those of the mistakes."""
    values = [trial.reached[name] for trial in reference]
    mean, sd = statistics.mean(values), statistics.stdev(values)
    bound = min(mean - tolerance_factor(len(values)) * sd, min(values) - sd)
    threshold = math.floor(bound * 1000) / 1000
    caught = [
        mistake
        for mistake, trials in wrong.items()
        if all(trial.reached.get(name, -math.inf) < threshold for trial in trials)
    ]
    curves = zip(*(trial.losses[name] for trial in reference), strict=True)
    return Accuracy(
        threshold=threshold,
        mean=round(mean, 4),
        sd=round(sd, 4),
        margin=round(mean - threshold, 4),
        seeds=len(values),
        losses=tuple(round(statistics.mean(epoch), 4) for epoch in curves),
        caught=tuple(sorted(caught)),
    )


def trial(root: Path, number: int, seed: int, mistake: Mistake | None = None) -> Trial:
    """Run the week's accuracy checks once, on the reference or on a mistake in it."""
    course = load_course(root)
    week = course.week(number)
    options = Options(
        sandboxed=False, secret=f"calibration {seed}", modules=("accuracy",), calibrating=True
    )
    changed = {mistake.module: variant(course, week, mistake)} if mistake is not None else {}
    with changing(course, week, options) as run:
        measured = run(changed, options).measured
    names = {check: check.partition("::")[2] for check in measured}
    return Trial(
        {names[c]: t.measured for c, t in measured.items() if t.measured is not None},
        {names[c]: t.losses for c, t in measured.items()},
    )


def write(course: Course, week: Week, thresholds: dict[str, Accuracy]) -> None:
    """Put the thresholds into the week's accuracy.toml."""
    write_atomically(accuracy.path(course, week.number), accuracy.dump(thresholds).encode())
