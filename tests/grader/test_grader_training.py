"""Bad luck in training costs nobody a point: who nearly reached the threshold trains once more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from grader_course import LINEAR, graded

from autograder.results import CheckResult
from course.config import Course, load_course

CHECK = """
import pytest

VALUES = [{values}]
DRAWN = []

@pytest.mark.accuracy
def test_linear_learns(student, rng, parity, threshold):
    student.linear.Linear(2, 3)
    parity.holds("other numbers than before", rng.random() not in DRAWN, "the same numbers again")
    DRAWN.append(rng.random())
    threshold.reaches("accuracy", VALUES.pop(0))

def test_linear_after(student, parity):
    student.linear.Linear(2, 3)
    parity.equal("values that are left", len(VALUES), {left})
"""
ACCURACY = """
[test_linear_learns]
threshold = 0.9
mean = 0.95
sd = 0.01
margin = 0.05
seeds = 40
"""


def checks(
    course: Course, folder: Path, values: str, left: int, **options: object
) -> tuple[CheckResult, CheckResult]:
    shutil.copytree(course.root, folder / "course")
    own = load_course(folder / "course")
    text = CHECK.format(values=values, left=left)
    (own.checks(1) / "test_linear.py").write_text(text, encoding="utf-8")
    (own.folder(1) / "accuracy.toml").write_text(ACCURACY, encoding="utf-8")
    first, second = graded(own, folder / "ada", LINEAR, accuracy=True, **options).checks
    return first, second


@pytest.mark.parametrize(
    ("values", "left", "verdict"),
    [
        ("0.92, 0.99", 1, "passed"),
        ("0.88, 0.92, 0.99", 1, "passed"),
        ("0.88, 0.89, 0.99", 1, "failed"),
        ("0.84, 0.92, 0.99", 2, "failed"),
        ("float('nan'), 0.92, 0.99", 2, "failed"),
    ],
    ids=["reached", "reached the second time", "missed twice", "missed by far", "no number"],
)
def test_who_nearly_reached_the_threshold_has_one_more_run(
    course: Course, tmp_path: Path, values: str, left: int, verdict: str
) -> None:
    learns, after = checks(course, tmp_path, values, left)
    assert verdict == learns.verdict
    assert 2 == len(learns.comparisons), "those of the run that decided"
    assert "passed" == after.verdict, after.message


def test_rehearsal_has_the_numbers_of_the_release_and_no_others(
    course: Course, tmp_path: Path
) -> None:
    learns, after = checks(course, tmp_path, "0.88, 0.92", 1, public_only=True)
    assert ("failed", "passed") == (learns.verdict, after.verdict)
