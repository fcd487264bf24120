"""KMeans: assigning, moving, fitting, and a center without points."""

import numpy as np
import pytest


@pytest.mark.check(weight=3)
def test_kmeans_assign(student, rng, oracle, parity):
    """KMeans: nearest centers"""
    x, centers = rng.standard_normal((20, 2)), np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 1.5]])
    expected = oracle.kmeans(x, centers, 0)
    parity("labels", student.kmeans.KMeans(centers).assign(x), expected.labels)


@pytest.mark.check(weight=3, needs="test_kmeans_assign")
def test_kmeans_step(student, rng, oracle, parity):
    """KMeans: one step"""
    x, centers = rng.standard_normal((20, 2)), np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 1.5]])
    expected = oracle.kmeans(x, centers, 1)
    model = student.kmeans.KMeans(centers)
    parity("inertia", model.step(x), expected.inertia[0])
    parity("centers", model.read("centers"), expected.centers)


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=3, needs="test_kmeans_step")
def test_kmeans_fit(student, rng, oracle, parity):
    """KMeans: several steps"""
    x, centers = rng.standard_normal((30, 3)), rng.standard_normal((4, 3))
    expected = oracle.kmeans(x, centers, 3)
    model = student.kmeans.KMeans(centers)
    for when, got in enumerate(parity.parts("inertia", model.fit(x, 3), 3)):
        parity(f"inertia before step {when + 1}", got, expected.inertia[when])
    parity("centers", model.read("centers"), expected.centers)


@pytest.mark.check(weight=3, needs="test_kmeans_step")
def test_kmeans_without_points(student, rng, oracle, parity):
    """KMeans: a center without points stays"""
    x, centers = rng.standard_normal((10, 2)), np.array([[0.0, 0.0], [50.0, 60.0]])
    expected = oracle.kmeans(x, centers, 1)
    model = student.kmeans.KMeans(centers)
    model.step(x)
    parity("centers", model.read("centers"), expected.centers)


### END HIDDEN TESTS
