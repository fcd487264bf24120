"""Finds the thresholds of accuracy checks: far enough below what a correct submission reaches.

A threshold is a lower tolerance bound: with 95 % confidence, at most 1 of 1,000 runs of a
correct submission stays below it, if what they reach is distributed normally. Where it isn't,
because a network gets stuck now and then, it lies a standard deviation below the worst run that
was seen. It rests on runs of the reference with different seeds, and is written to the week's
accuracy.toml together with them. Mistakes that keep a model from learning
are trained too: those that never reach the threshold are named there, and `verify` holds some of
them to it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import NormalDist

from autograder.mistakes.changing import changing
from autograder.mistakes.effects import LIMITS
from autograder.mistakes.variants import variant
from autograder.options import GradingError, InputError, Options
from autograder.pool import pool
from autograder.results import OUR_FAULT, write_atomically
from course import accuracy, catalogue
from course.accuracy import Accuracy
from course.catalogue import Mistake
from course.config import Course, Week, load_course

MISSES = 1e-3  # how many runs of a correct submission may stay below
CONFIDENCE = 0.95
MISTAKE_SEEDS = 3


@dataclass(frozen=True)
class Trial:
    """What one training reached, by the name of the check, and how those ended that didn't."""

    reached: dict[str, float]
    losses: dict[str, list[float]]
    ended: dict[str, str] = field(default_factory=dict)


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
    """Train the reference with `seeds` seeds, and every mistake until it reaches a threshold.

    Args:
        on_run: called after each run of the reference, and for each mistake.
    Raises:
        ValueError: fewer than 20 seeds, on which no bound can rest.
        InputError: the week has no checks of accuracy, or the reference measures nothing.
    """
    if seeds < 20:
        raise ValueError("at least 20 seeds are needed for a threshold that holds")
    checks = course.checks(week.number) / "test_accuracy.py"
    if not checks.is_file():
        missing = course.relative(checks)
        raise InputError(f"week {week.number} has no checks of accuracy: {missing} is missing")
    with pool(2) as executor:
        runs = [executor.submit(trial, course.root, week.number, seed) for seed in range(seeds)]
        reference = []
        for run in as_completed(runs):
            require_measured(week, run.result())
            reference.append(run.result())
            on_run()
        found = {name: threshold_of(name, reference) for name in sorted(reference[0].reached)}
        bounds = {name: entry.threshold for name, entry in found.items()}
        caught = caught_by(executor, course, week, bounds, on_run)
    return {name: replace(entry, caught=tuple(caught[name])) for name, entry in found.items()}


def caught_by(
    executor: Executor,
    course: Course,
    week: Week,
    bounds: Mapping[str, float],
    on_run: Callable[[], None],
) -> dict[str, list[str]]:
    """The mistakes that stay below these thresholds, by the names of the checks."""
    caught: dict[str, list[str]] = {name: [] for name in bounds}
    runs = {
        executor.submit(misses, course.root, week.number, mistake, bounds): mistake
        for mistake in catalogue.load(course, week)
    }
    for run in as_completed(runs):
        for name in run.result():
            caught[name].append(runs[run].id)
        on_run()
    return {name: sorted(mistakes) for name, mistakes in caught.items()}


def require_measured(week: Week, reference: Trial) -> None:
    """Refuse a run of the reference in which a check has measured nothing: a bound needs all."""
    for name, how in reference.ended.items():
        raise InputError(
            f"week {week.number}: the reference didn't get through {name}: {how}. Nothing was "
            f"written. Look what `autograder grade {week.number} --submission "
            f"solutions/week_{week.number} --only {name}` says"
        )


def threshold_of(name: str, reference: list[Trial]) -> Accuracy:
    """The threshold of one check, from the reference's trials."""
    values = [trial.reached[name] for trial in reference]
    mean, sd = statistics.mean(values), statistics.stdev(values)
    bound = min(mean - tolerance_factor(len(values)) * sd, min(values) - sd)
    threshold = math.floor(bound * 1000) / 1000
    curves = zip(*(trial.losses[name] for trial in reference), strict=True)
    return Accuracy(
        threshold=threshold,
        mean=round(mean, 4),
        sd=round(sd, 4),
        margin=round(mean - threshold, 4),
        seeds=len(values),
        losses=tuple(round(statistics.mean(epoch), 4) for epoch in curves),
        caught=(),
    )


def misses(root: Path, number: int, mistake: Mistake, bounds: Mapping[str, float]) -> set[str]:
    """The checks whose threshold a mistake stays below with every seed: most need one seed only."""
    below = set(bounds)
    for seed in range(MISTAKE_SEEDS):
        reached = trial(root, number, seed, mistake).reached if below else {}
        below = {name for name in below if reached.get(name, -math.inf) < bounds[name]}
    return below


def trial(root: Path, number: int, seed: int, mistake: Mistake | None = None) -> Trial:
    """Run the week's accuracy checks once, on the reference or on a mistake in it.

    Raises:
        GradingError: a check could not be run, which says nothing of what was trained.
    """
    course = load_course(root)
    week = course.week(number)
    options = Options(
        sandboxed=False,
        secret=f"calibration {seed}",
        modules=("accuracy",),
        calibrating=True,
        limits=LIMITS,
    )
    changed = {mistake.module: variant(course, week, mistake)} if mistake is not None else {}
    with changing(course, week, options) as run:
        ran = run(changed, options)
    reached, losses, ended = {}, {}, {}
    for check, result in ran.results.items():
        if result.verdict in OUR_FAULT:
            raise GradingError(f"week {number}: {check} can't be graded: {result.message}")
        name, threshold = check.partition("::")[2], ran.measured.get(check)
        value = threshold.measured if threshold is not None else None
        if threshold is not None and value is not None and not math.isnan(value):
            reached[name], losses[name] = value, threshold.losses
        else:
            ended[name] = f"{result.verdict}: {result.message}"
    return Trial(reached, losses, ended)


def write(course: Course, week: Week, thresholds: dict[str, Accuracy]) -> None:
    """Put the thresholds into the week's accuracy.toml."""
    write_atomically(accuracy.path(course, week.number), accuracy.dump(thresholds).encode())
