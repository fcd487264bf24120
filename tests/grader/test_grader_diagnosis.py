"""Wrong arrays that look like a known kind of mistake, and those that don't."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.parity.diagnosis import LARGEST, close, diagnose
from autograder.parity.heatmaps import COLUMNS, ROWS, error_map, picture

RNG = np.random.default_rng(1)
Y = RNG.standard_normal((3, 4))
CUBE = RNG.standard_normal((2, 3, 4))
OTHER = RNG.standard_normal((3, 4))
ROW = np.array([[1.0, 2.0, 3.0, 4.0]])


@pytest.mark.parametrize(
    ("got", "expected", "sentence"),
    [
        (0 * Y, Y, "Every value is zero: nothing was computed, or nothing was added."),
        (-Y, Y, "The sign is flipped everywhere."),
        (2 * Y, Y, "Every value is twice as large as expected."),
        (-Y / 2, Y, "Every value is half as large as expected, and its sign is flipped."),
        (4 * Y, Y, "Every value is 4 times as large as expected: 4 is the length of axis 1."),
        (Y / 12, Y, "Every value is 12 times too small: 12 is the number of values."),
        (-3 * Y, Y, "expected, and its sign is flipped: 3 is the length of axis 0."),
        (7 * Y, Y, "as expected: 7 is the length of axis 1 of what forward was given."),
        (5.5 * Y, Y, "The values are proportional to what is expected: a factor is off."),
        (-5.5 * Y, Y, "what is expected, and its sign is flipped: a factor is off."),
        (np.array(21.0), np.array(1.5), "14 is the number of values of what forward was given."),
        (np.array(-1.5), np.array(1.5), "The sign is flipped."),
        (Y + 0.5, Y, "Every value is 0.5 too large."),
        (Y - 0.25, Y, "Every value is 0.25 too small."),
        (Y + ROW, Y, "The error is the same all along axis 0: a term of the other axes is off."),
        (Y[:, ::-1], Y, "The values are right, but in reverse along axis 1."),
        (OTHER, Y, "This is what was expected as “grad of w”: are the two in the wrong order?"),
        (CUBE.transpose(0, 2, 1), CUBE, "the axes are in the order (0, 2, 1): a transpose is off."),
        (Y.T, Y, "the axes are in the order (1, 0): a transpose is off."),
        (Y.reshape(4, 3), Y, "The values are right and in order, only the shape isn't (3, 4)."),
        (CUBE, CUBE.sum(0), "A sum over axis 0 is missing."),
        (CUBE, CUBE.mean(1), "A mean over axis 1 is missing."),
        (CUBE, CUBE.sum(2, keepdims=True), "A sum over axis 2 is missing."),
    ],
)
def test_mistake_is_recognised(got: Any, expected: Any, sentence: str) -> None:
    given = {"forward": np.zeros((2, 7))}
    assert diagnose(got, expected, {"grad of w": OTHER}, given).endswith(sentence)


def test_first_wrong_value_is_named_when_nothing_else_fits() -> None:
    got = Y.copy()
    got[1, 2:] = [7, -9]
    sentence = "The first wrong value, in reading order, is at [1, 2]; those before it are right."
    assert sentence == diagnose(got, Y, {}, wrong=got != Y)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (RNG.standard_normal((3, 4)), Y),  # wrong everywhere, in no pattern
        (RNG.standard_normal((5, 4)), Y),
        (RNG.standard_normal((2, 3, 4)), Y),
        (np.full((3, 4), np.nan), Y),
        (np.full((3, 4), np.inf), Y),
        (Y, np.full((3, 4), np.inf)),
        (np.zeros((0, 4)), Y),
        (np.zeros(LARGEST + 1), Y),
    ],
)
def test_what_is_not_recognised_gets_no_sentence(got: Any, expected: Any) -> None:
    assert "" == diagnose(got, expected, {})


SYMMETRIC = Y.T @ Y
INFINITE = np.array([[np.inf, 1.0, 2.0, 3.0]] * 3)
ALTERED = Y + np.where(np.arange(4) == 0, 1.0, 0.25) * RNG.standard_normal((3, 4))


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.array(7.3), np.array(2.1)),  # any two numbers have a ratio
        (np.array([7.3, 0.0]), np.array([2.1, 0.0])),
        (np.array([3.3, 4.4]), np.array([3.0, 4.1])),  # and two pairs may differ by the same
        (Y * (1 + 1e-6), Y),  # 1 times as large
        (SYMMETRIC + 1e-7, SYMMETRIC),  # nor transposed, nor reversed
        (ALTERED, Y),  # wrong from the first value on
        (np.array(OTHER[0, 0]), np.array(Y[0, 0])),  # one number that is that of something else
        (np.array(0.0), np.array(2.1)),
        (np.ones((3, 4)), np.ones((3, 4)) * 1.7),
        (np.array([[1.0], [2.5]]), np.array([[0.0], [1.5]])),
        (Y, 0 * Y),
        (np.zeros((5, 4)), np.zeros(4)),  # no sum of zeros is missing
        (np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([3.0, 3.0])),  # along which axis?
    ],
)
def test_nothing_is_claimed_that_may_be_chance(got: Any, expected: Any) -> None:
    others = {
        "one": OTHER,
        "number": np.array(OTHER[0, 0]),
        "infinite": INFINITE,
        "ones": 1 + 0 * Y,
    }
    assert "" == diagnose(got, expected, others | {"same": expected}, wrong=got != expected)


@pytest.mark.parametrize("shape", [(1, 4), (4, 1), (1, 4, 1)])
def test_axes_of_length_one_are_a_matter_of_shape(shape: tuple[int, ...]) -> None:
    found = diagnose(Y[0].reshape(shape), Y[0], {})
    assert "The values are right and in order, only the shape isn't (4,)." == found
    assert diagnose(Y[:1].T, Y[:1], {}).endswith("only the shape isn't (1, 4).")


def test_swap_is_not_found_in_what_is_equal_constant_or_infinite() -> None:
    others = {"equal": Y, "infinite": INFINITE, "constant": np.full((3, 4), 2.5)}
    assert "order" not in diagnose(OTHER, Y, others)
    assert "order" not in diagnose(np.full((3, 4), 2.5), Y, others)


small = arrays.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3).flatmap(
    lambda shape: arrays.arrays(
        np.float64,
        shape,
        elements=st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, np.nan, np.inf]),
    )
)


@settings(max_examples=300, deadline=None)
@drawn(small, small, small)
def test_what_is_said_is_true(got: Any, expected: Any, other: Any) -> None:
    sentence = diagnose(
        got, expected, {"other": other}, {"forward": other}, wrong=wrongs(got, expected)
    )
    assert sentence == "" or (np.isfinite(got).all() and np.isfinite(expected).all())
    numbers = [int(n) for n in re.findall(r"\d+", sentence)]
    if "proportional" in sentence:
        assert got.shape == expected.shape
        assert len(set(expected[expected != 0])) > 1
    elif " times " in sentence:
        up = "as large" in sentence
        assert numbers[0] > 2
        assert np.allclose(
            np.abs(got if not up else got / numbers[0]),
            np.abs(expected if up else expected / numbers[0]),
        )
        assert numbers[0] in (*expected.shape, *other.shape, expected.size, other.size)
    elif "missing" in sentence:
        assert got.shape[numbers[0]] > 1
        assert any(
            close(f(got, numbers[0]).reshape(expected.shape), expected) for f in (np.sum, np.mean)
        )
    elif "reverse along" in sentence:
        assert got.shape[numbers[0]] > 1
        assert np.allclose(np.flip(got, numbers[0]), expected)
    elif "transpose" in sentence:
        assert np.allclose(got, expected.transpose(numbers))
        assert [n for n in numbers if expected.shape[n] > 1] != sorted(
            n for n in numbers if expected.shape[n] > 1
        )
    elif "wrong order" in sentence:
        assert np.isfinite(other).all()
        assert np.allclose(got, other)
        assert other.size > 1
    elif "first wrong" in sentence:
        flat = np.ravel_multi_index(numbers, got.shape)
        assert flat > 0
        assert np.array_equal(got.ravel()[:flat], expected.ravel()[:flat])
    elif "too large" in sentence or "too small" in sentence:
        assert got.size >= 3


def wrongs(got: Any, expected: Any) -> Any:
    return got != expected if got.shape == expected.shape else None


def test_rule_holds_for_every_value_or_does_not_speak() -> None:
    almost = 5 * Y
    almost[2, 3] += 0.01
    assert "times" not in diagnose(almost, Y, {})


# ---- pictures ----------------------------------------------------------------------------------


def test_picture_shows_where_and_how_far_an_array_is_off() -> None:
    error = np.array([[0.0, 1e-9, 1e-6], [1e-3, 1.0, np.inf]])
    heatmap = error_map("y", error, np.full((2, 3), 1e-8))
    assert "y: where it differs" == heatmap.title
    assert [[0.0, 0.0, 0.438], [0.719, 1.0, 1.0]] == heatmap.grid


@pytest.mark.parametrize("shape", [(), (1,), (7,), (100, 3), (2, 3, 4, 500), (1000, 1000)])
def test_picture_of_any_shape_is_small(shape: tuple[int, ...]) -> None:
    grid = error_map("y", np.ones(shape), np.full(shape, 1e-8)).grid
    assert 1 <= len(grid) <= ROWS
    assert {len(grid[0])} == {len(row) for row in grid}
    assert 1 <= len(grid[0]) <= COLUMNS


def test_single_wrong_value_stays_visible_in_a_large_array() -> None:
    error = np.zeros((500, 500))
    error[321, 123] = 1.0
    grid = error_map("y", error, np.full((500, 500), 1e-8)).grid
    assert 1 == sum(value > 0 for row in grid for value in row)


def test_error_where_nothing_is_allowed_can_be_drawn() -> None:
    assert [[0.0, 1.0]] == error_map("y", np.array([0.0, 1.0]), np.zeros(2)).grid


def test_map_of_attention_is_drawn_as_it_is() -> None:
    heatmap = picture("attention", np.array([[0.25, np.nan], [2.0, -1.0]]), "0", "1")
    assert [[0.25, 0.0], [1.0, 0.0]] == heatmap.grid
