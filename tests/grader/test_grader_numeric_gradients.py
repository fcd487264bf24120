"""Backward by differences of forward: right numbers, in a time that no large input allows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader_course import GENEROUS, LINEAR, graded, verdicts

from course.config import Course

SHORT = replace(GENEROUS, check_seconds=2.0)  # the differences would take minutes
ANALYTIC = "return (grad @ self.weight.data).reshape(self.x.shape)  # (N, K) (K, D)"
NUMERIC = """x, dx = self.x.copy(), np.zeros_like(self.x)
        for index in np.ndindex(x.shape):
            sides = []
            for step in (1e-4, -1e-4):
                x[index] += step
                sides.append((self.forward(x) * grad_out).sum())
                x[index] -= step
            dx[index] = (sides[0] - sides[1]) / 2e-4
        return dx"""


def test_numerical_gradients_pass_small_inputs_and_no_large_one(
    course: Course, tmp_path: Path
) -> None:
    assert ANALYTIC in LINEAR
    numeric = LINEAR.replace(ANALYTIC, NUMERIC)
    found = verdicts(graded(course, tmp_path / "ada", numeric, limits=SHORT))
    assert "passed" == found["backward"]
    assert "timeout" == found["large_backward"]
