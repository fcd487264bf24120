"""PCA: components, variances, coordinates."""

import numpy as np
import pytest


def draw(rng):
    """Points around (3, 3, 3, 3) whose variances differ along other directions than the axes."""
    rotation, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    return 3 + rng.standard_normal((25, 4)) * [4.0, 2.0, 1.0, 0.5] @ rotation


@pytest.mark.check(weight=3)
def test_pca_components(student, rng, oracle, parity):
    """PCA: components"""
    x = draw(rng)
    model = student.pca.PCA(2)
    model.fit(x)
    parity("components", model.read("components"), oracle.pca(x, 2).components)


@pytest.mark.check(weight=2, needs="test_pca_components")
def test_pca_variances(student, rng, oracle, parity):
    """PCA: variances"""
    x = draw(rng)
    model = student.pca.PCA(3)
    model.fit(x)
    parity("variances", model.read("variances"), oracle.pca(x, 3).variances)


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=5, needs="test_pca_components")
def test_pca_transform(student, rng, oracle, parity):
    """PCA: coordinates along the components"""
    x = draw(rng)
    model = student.pca.PCA(2)
    model.fit(x)
    parity("coordinates", model.transform(x), oracle.pca(x, 2).projected)


### END HIDDEN TESTS
