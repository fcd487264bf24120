"""squared_distances: values, and points far from the origin."""

import pytest


@pytest.mark.check(weight=4)
def test_squared_distances(student, rng, oracle, parity):
    """squared_distances: every point to every center"""
    x, centers = rng.standard_normal((6, 3)), rng.standard_normal((4, 3))
    expected = oracle.distances(x, centers)
    parity("distances", student.distances.squared_distances(x, centers), expected.squared)


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=4, needs="test_squared_distances")
def test_squared_distances_far_away(student, rng, oracle, parity):
    """squared_distances: points far from the origin"""
    x, centers = 1e6 + rng.standard_normal((5, 2)), 1e6 + rng.standard_normal((3, 2))
    expected = oracle.distances(x, centers)
    parity("distances", student.distances.squared_distances(x, centers), expected.squared)


### END HIDDEN TESTS
