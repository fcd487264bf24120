"""Weights become points: exact, independent of order, and no check takes from another."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from autograder.checking.points import scale

WEIGHTS = st.dictionaries(st.text(min_size=1), st.integers(1, 10**6), min_size=1)
TOTALS = st.sampled_from([1, 20, 100])


def hundredths(points: dict[str, float]) -> dict[str, int]:
    """The same, without a rounding error; they must be whole hundredths."""
    result = {name: round(value * 100) for name, value in points.items()}
    assert points == {name: value / 100 for name, value in result.items()}
    return result


@given(WEIGHTS, TOTALS)
def test_points_add_up_exactly(weights: dict[str, int], total: int) -> None:
    assert total * 100 == sum(hundredths(scale(weights, total)).values())
    assert total == round(math.fsum(scale(weights, total).values()), 2)


@given(WEIGHTS, TOTALS)
def test_each_gets_its_share_but_for_less_than_a_hundredth(
    weights: dict[str, int], total: int
) -> None:
    whole = sum(weights.values())
    for name, value in hundredths(scale(weights, total)).items():
        assert abs(value - Fraction(weights[name] * total * 100, whole)) < 1


@given(WEIGHTS, TOTALS, st.randoms())
def test_order_plays_no_part(weights: dict[str, int], total: int, random: object) -> None:
    names = list(weights)
    random.shuffle(names)  # type: ignore[attr-defined]
    assert scale(weights, total) == scale({name: weights[name] for name in names}, total)


@given(WEIGHTS, TOTALS)
def test_more_weight_is_never_worth_less(weights: dict[str, int], total: int) -> None:
    points = scale(weights, total)
    by_weight = sorted(weights, key=lambda name: (weights[name], points[name]))
    assert sorted(points.values()) == [points[name] for name in by_weight]


@given(WEIGHTS, st.integers(1, 10**6))
def test_another_check_changes_the_others_by_one_common_scale(
    weights: dict[str, int], weight: int
) -> None:
    before = hundredths(scale(weights, 100))
    after = hundredths(scale({**weights, "": weight}, 100))
    factor = Fraction(sum(weights.values()), sum(weights.values()) + weight)
    for name, value in before.items():
        assert abs(after[name] - factor * value) < 2  # both were rounded


def test_weights_that_add_up_to_the_total_are_the_points() -> None:
    weights = {"a": 7, "b": 30, "c": 63}
    assert {"a": 7.0, "b": 30.0, "c": 63.0} == scale(weights, 100)


def test_what_is_left_over_goes_to_the_largest_remainders_and_the_first_names() -> None:
    assert {"a": 33.34, "b": 33.33, "c": 33.33} == scale({"c": 1, "b": 1, "a": 1}, 100)
    assert {"a": 14.29, "b": 85.71} == scale({"a": 1, "b": 6}, 100)
