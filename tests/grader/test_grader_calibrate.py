"""Thresholds of accuracy checks: the statistics, and what is written to accuracy.toml."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

import numpy as np
import pytest

from autograder.author import calibrate
from autograder.author.calibrate import Trial, threshold_of, tolerance_factor, write
from autograder.options import InputError
from course import accuracy, catalogue
from course.config import Course, load_course

# One-sided tolerance factors for 99.9 % of a normal population with 95 % confidence: the exact
# ones, from the noncentral t distribution.
EXACT = {20: 4.318, 30: 4.022, 40: 3.865, 60: 3.695, 100: 3.539}


@pytest.mark.parametrize(("n", "factor"), EXACT.items())
def test_tolerance_factor_is_that_of_the_tables(n: int, factor: float) -> None:
    assert factor == pytest.approx(tolerance_factor(n), rel=0.01)


def test_threshold_holds_for_all_but_one_of_a_thousand_with_confidence() -> None:
    rng = np.random.default_rng(0)
    factor, n = tolerance_factor(40), 40
    samples = rng.standard_normal((20_000, n))
    bounds = samples.mean(1) - factor * samples.std(1, ddof=1)
    below = np.array([statistics.NormalDist().cdf(bound) for bound in bounds[:2000]])
    assert 0.93 <= (below <= 1e-3).mean() <= 0.97


def test_threshold_rests_on_the_runs_of_the_reference() -> None:
    values = [0.90 + 0.01 * (i % 5) for i in range(40)]
    reference = [Trial({"net": v}, {"net": [2.0, v]}) for v in values]
    found = threshold_of("net", reference)
    mean, sd = statistics.mean(values), statistics.stdev(values)
    assert mean - tolerance_factor(40) * sd - 1e-3 < found.threshold
    assert found.threshold <= mean - tolerance_factor(40) * sd
    assert (40, round(mean, 4), round(sd, 4)) == (found.seeds, found.mean, found.sd)
    assert (2.0, round(mean, 4)) == found.losses


def test_threshold_lies_below_a_run_that_got_stuck() -> None:
    values = [0.95 + 0.001 * (i % 5) for i in range(39)] + [0.85]
    found = threshold_of("net", [Trial({"net": v}, {"net": []}) for v in values])
    assert 0.85 - statistics.stdev(values) - 1e-3 < found.threshold < 0.85


def test_too_few_seeds_are_refused(course: Course) -> None:
    with pytest.raises(ValueError, match="at least 20 seeds"):
        calibrate.calibrate(course, course.week(1), 19, lambda: None)


# One check measures something, the other never comes to it.
CHECK = """
import numpy as np
import pytest

@pytest.mark.accuracy
def test_linear_learns(student, rng, parity, threshold):
    layer = student.linear.Linear(2, 3)
    layer.weight.data, layer.bias.data = np.ones((3, 2)), np.zeros(3)
    output = parity.array("output", layer.forward(np.array([[rng.uniform(0.9, 1), 0]])), (1, 3))
    threshold.reaches("output", output[0, 0])

@pytest.mark.accuracy
def test_linear_stops(student, parity):
    parity.array("output", student.linear.Linear(2, 3).forward(np.eye(2)), (9,))
"""
SECOND = "@pytest.mark.accuracy\ndef test_linear_stops"
MISTAKES = """
[[mistake]]
id = "linear-halved"
where = "linear.py: Linear.forward"
replace = "return "
with = "return 0.5 * "
hint = "It is halved."
checks = ["test_linear_learns"]

[[mistake]]
id = "linear-never-returns"
where = "linear.py: Linear.forward"
replace = "return "
with = "raise ValueError or "
hint = "It raises an error."
checks = ["test_linear_learns"]

[[mistake]]
id = "linear-learns-nonetheless"
where = "linear.py: Linear.forward"
replace = "return "
with = "return 1.0 * "
hint = "Training doesn't notice."
checks = ["test_linear_learns"]
"""


@pytest.fixture
def trains(course: Course, tmp_path: Path) -> Course:
    """A course with checks of accuracy that take no time; the reference fails the second."""
    shutil.copytree(course.root, tmp_path / "course")
    own = load_course(tmp_path / "course")
    (own.checks(1) / "test_accuracy.py").write_text(CHECK, encoding="utf-8")
    (own.folder(1) / "mistakes.toml").write_text(MISTAKES, encoding="utf-8")
    return own


def test_reference_that_measures_nothing_is_an_error(trains: Course) -> None:
    with pytest.raises(InputError, match=r"get through test_linear_stops: failed: output.*"
                       "Nothing was written"):  # fmt: skip
        calibrate.calibrate(trains, trains.week(1), 20, lambda: None)


def test_mistakes_stay_below_a_threshold_or_reach_it(trains: Course) -> None:
    (trains.checks(1) / "test_accuracy.py").write_text(CHECK.partition(SECOND)[0], encoding="utf-8")
    bounds = {"test_linear_learns": 0.8}
    caught = {
        mistake.id: calibrate.misses(trains.root, 1, mistake, bounds)
        for mistake in catalogue.load(trains, trains.week(1))
    }
    assert caught == {
        "linear-halved": {"test_linear_learns"},
        "linear-never-returns": {"test_linear_learns"},
        "linear-learns-nonetheless": set(),
    }


def test_entries_are_written_beside_the_weeks_modules(course: Course, tmp_path: Path) -> None:
    text = (course.root / "course.toml").read_text()
    (tmp_path / "course.toml").write_text(text)
    (tmp_path / "solutions").mkdir()
    own = load_course(tmp_path)
    found = threshold_of("net", [Trial({"net": 0.9 + i / 1000}, {"net": [1.0]}) for i in range(20)])
    for _ in range(2):
        write(own, own.week(1), {"test_net": found})
    assert {"test_net": found} == accuracy.load(own, 1)
    assert text == (tmp_path / "course.toml").read_text()
