"""Mistakes are explained that nobody listed: these are some of the catalogue, left out of it."""

from __future__ import annotations

import pytest
from leave_one_out import ROOT, told

from course import catalogue
from course.config import load_course

WORDS = {
    (1, "cross-entropy-loss-not-averaged"): "too large by a factor: the length of axis 0",
    (1, "softmax-gradient-mean"): "`mean` stood where `sum` belongs",
    (1, "tanh-not-squared"): "an exponent 2 were missing",
    (1, "linear-bias-subtracted"): "`-=` stood where `+=` belongs",
    (1, "linear-float64"): "without the dtype of what it is given",
    (1, "sigmoid-in-place"): "not what it was: input after the calls",
    (1, "cross-entropy-loss-gradient-of-any-shape"): "not noticed: a grad_out of another shape",
    (1, "tanh-overflow"): "At extreme values something becomes infinite",
}


@pytest.mark.proof
@pytest.mark.parametrize(("week", "id"), WORDS)
def test_a_mistake_is_explained_without_its_entry(week: int, id: str) -> None:
    course = load_course(ROOT)
    chosen = course.week(week)
    (mistake,) = [one for one in catalogue.load(course, chosen) if one.id == id]
    hints = told(course, chosen, mistake)
    assert any(WORDS[week, id] in hint for hint in hints), hints
    assert mistake.hint not in hints
