"""CrossEntropyLoss and BCELoss: values, gradients, and what every loss promises."""

import numpy as np
import pytest

from autograder.layers import Layer


def probabilities(rng, shape):
    return rng.uniform(0.05, 0.95, shape)


def classes(rng, shape):
    return rng.integers(shape[1], size=shape[0])


CROSS_ENTROPY = Layer("losses", "CrossEntropyLoss", draw_target=classes)
BCE = Layer("losses", "BCELoss", draw=probabilities, draw_target=probabilities)

test_cross_entropy_loss_forward = CROSS_ENTROPY.forward((5, 4), weight=2)
test_cross_entropy_loss_backward = CROSS_ENTROPY.backward((5, 4), weight=3)

test_bce_loss_forward = BCE.forward((5, 4), weight=2)
test_bce_loss_backward = BCE.backward((5, 4), weight=3)


@pytest.mark.check(weight=2, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_stability(contract):
    """CrossEntropyLoss: logits of ±10,000"""
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4], [3.0, 1.0, 2.0]])
    contract.stability(CROSS_ENTROPY, logits, np.array([0, 1, 2]))
