"""A rehearsal and grading: public checks too are graded on numbers that nobody has seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from grader_course import LINEAR, graded

from autograder.author.expected import write_expected
from autograder.oracle.released import FILE, Released
from course.config import Course

# What somebody can make of the released values without knowing the inputs they belong to.
TABLE = """
import numpy as np


class Linear:
    def __init__(self, *sizes):
        pass

    def load_state_dict(self, state):
        pass

    def forward(self, x):
        return np.array(ANSWERS[0]).reshape(5, 4)

    def backward(self, grad_out):
        return np.array(ANSWERS[1]).reshape(5, 3)
"""
PRINTING = LINEAR.replace("self.x = x", "self.x = x; print(x)")


@pytest.fixture
def replayer(course: Course, tmp_path: Path) -> str:
    """A linear.py that answers with the values released for the forward and backward checks."""
    write_expected(course, course.week(1), tmp_path)
    arrays = Released(tmp_path / FILE).arrays
    places = ("forward#0/output", "backward#1/grad_input")
    answers = [arrays[f"test_linear.py::test_linear_{place}"].tolist() for place in places]
    return f"{TABLE}\n\nANSWERS = {answers!r}\n"


def test_table_of_the_released_values_shines_in_a_rehearsal_and_earns_nothing_in_grading(
    course: Course, replayer: str, tmp_path: Path
) -> None:
    rehearsal = graded(course, tmp_path / "eve", replayer, public_only=True)
    passed = {check.id for check in rehearsal.checks if check.points}
    assert {f"test_linear.py::test_linear_{name}" for name in ("forward", "backward")} == passed
    assert 0 == graded(course, tmp_path / "eve", replayer).score


def inputs(course: Course, folder: Path, **changes: object) -> dict[str, str]:
    """What the forward of a right submission was handed in each check."""
    found = graded(course, folder, PRINTING, **changes)
    assert 0 < found.score == found.max_score
    return {check.id: check.output for check in found.checks}


def test_public_checks_draw_other_numbers_with_another_secret_and_all_the_same_in_a_rehearsal(
    course: Course, tmp_path: Path
) -> None:
    rehearsed = [inputs(course, tmp_path, public_only=True, secret=s) for s in ("one", "two")]
    assert rehearsed[0] == rehearsed[1]
    graded_ones = [inputs(course, tmp_path, secret=secret) for secret in ("one", "two", "two")]
    for check, printed in rehearsed[0].items():
        assert 3 == len({printed, *(seen[check] for seen in graded_ones)})
        assert graded_ones[1][check] == graded_ones[2][check]
