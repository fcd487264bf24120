"""Whether a wrong gradient is the right one of a submission's own forward."""

from __future__ import annotations

import numpy as np

from autograder.layers.probing import excuse_gradient
from autograder.probes.probe import Observer

X, GRAD_OUT = np.array([1.0, -2.0]), np.array([3.0, 0.5])
LABEL = "gradient of the key"


def excused(got: object) -> frozenset[str]:
    parity = Observer()
    excuse_gradient(parity, LABEL, lambda x: x**2, X, GRAD_OUT, got)
    return parity.excused


def test_a_gradient_that_follows_the_own_forward_is_excused() -> None:
    assert excused(2 * X * GRAD_OUT) == {LABEL}


def test_another_gradient_is_not() -> None:
    assert excused(X * GRAD_OUT) == frozenset()
    assert excused(np.zeros(3)) == frozenset()
    assert excused(None) == frozenset()
