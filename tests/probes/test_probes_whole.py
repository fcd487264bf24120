"""The numbers of probes: small, whole where they can be, and without ties."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.probes.whole import LARGEST, WholeNumbers


@pytest.mark.parametrize("shape", [(1,), (2, 3), (4,), (8,), (3, 4, 5), (40, 50)])
def test_numbers_differ_and_none_is_zero(shape: tuple[int, ...]) -> None:
    drawn = WholeNumbers(1).standard_normal(shape)
    assert drawn.shape == shape
    assert len(np.unique(drawn)) == drawn.size
    assert 0 < np.abs(drawn).min()
    assert np.abs(drawn).max() <= LARGEST


@pytest.mark.parametrize("count", range(1, 9))
def test_up_to_eight_numbers_are_whole(count: int) -> None:
    drawn = WholeNumbers(count).standard_normal(count)
    assert (drawn == np.round(drawn)).all()


def test_the_same_seed_draws_the_same() -> None:
    one, same, other = (WholeNumbers(seed).standard_normal((2, 3)) for seed in (5, 5, 6))
    assert (one == same).all()
    assert (one != other).any()


def test_a_single_number_is_a_number() -> None:
    assert isinstance(WholeNumbers(1).standard_normal(), float)


def test_uniform_stays_inside() -> None:
    drawn = WholeNumbers(1).uniform(0.5, 2.0, (100,))
    assert drawn.min() > 0.5
    assert drawn.max() < 2.0


def test_the_rest_is_drawn_by_a_generator() -> None:
    expected = np.random.default_rng(3).integers(10, size=5)
    assert (WholeNumbers(3).integers(10, size=5) == expected).all()
