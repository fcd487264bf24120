"""Wrong arrays that look like a known kind of mistake, and those that don't."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.parity.diagnosis import LARGEST, diagnose
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
        (5 * Y, Y, "Every value is 5 times as large as expected."),
        (Y / 8, Y, "Every value is 8 times too small."),
        (-Y / 3, Y, "Every value is 3 times too small, and its sign is flipped."),
        (-3 * Y, Y, "Every value is 3 times as large as expected, and its sign is flipped."),
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
    assert diagnose(got, expected, {"grad of w": OTHER}).endswith(sentence)


def test_first_wrong_value_is_named_when_nothing_else_fits() -> None:
    got = Y.copy()
    got[1, 2:] = [7, -9]
    sentence = "The first wrong value, in reading order, is at [1, 2]; those before it are right."
    assert sentence == diagnose(got, Y, {})


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
