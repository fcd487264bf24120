"""CrossEntropyLoss and BCELoss: values, gradients, and what every loss promises."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.layers import Layer


def probabilities(rng, shape):
    return rng.uniform(0.05, 0.95, shape)


def classes(rng, shape):
    return rng.integers(shape[1], size=shape[0])


CROSS_ENTROPY = Layer("losses", "CrossEntropyLoss", draw_target=classes)
BCE = Layer("losses", "BCELoss", draw=probabilities, draw_target=probabilities)
### BEGIN HIDDEN TESTS
CROSS_ENTROPY_SUM = replace(CROSS_ENTROPY, options={"reduction": "sum"})
BCE_SUM = replace(BCE, options={"reduction": "sum"})
### END HIDDEN TESTS

test_cross_entropy_loss_forward = CROSS_ENTROPY.forward((5, 4), weight=2)
test_cross_entropy_loss_backward = CROSS_ENTROPY.backward((5, 4), weight=3)

test_bce_loss_forward = BCE.forward((5, 4), weight=2)
test_bce_loss_backward = BCE.backward((5, 4), weight=3)


@pytest.mark.check(weight=2, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_stability(contract):
    """CrossEntropyLoss: logits of ±10,000"""
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4], [3.0, 1.0, 2.0]])
    contract.stability(CROSS_ENTROPY, logits, np.array([0, 1, 2]))


### BEGIN HIDDEN TESTS
test_cross_entropy_loss_reduction_sum = CROSS_ENTROPY_SUM.both(
    (5, 4), title="the sum instead of the mean", weight=2
)


@pytest.mark.check(needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_wrong_shape(contract):
    """CrossEntropyLoss: one target too few is an error"""
    loss = contract.make(CROSS_ENTROPY)
    logits, target = contract.rng.standard_normal((5, 4)), np.array([0, 1, 2, 3, 0])
    contract.refuses("4 targets for 5 rows", lambda: loss.forward(logits, target[:4]))
    contract.refuses("a column of targets", lambda: loss.forward(logits, target[:, None]))


test_cross_entropy_loss_float32 = CROSS_ENTROPY.float32((5, 4))
test_cross_entropy_loss_unchanged_inputs = CROSS_ENTROPY.unchanged_inputs((5, 4))
test_cross_entropy_loss_batch_of_one = CROSS_ENTROPY.batch_of_one((5, 4))
test_cross_entropy_loss_second_call = CROSS_ENTROPY.second_call((5, 4), (3, 6))
test_cross_entropy_loss_non_contiguous = CROSS_ENTROPY.non_contiguous((5, 4))

test_bce_loss_reduction_sum = BCE_SUM.both((5, 4), title="the sum instead of the mean", weight=2)


@pytest.mark.check(weight=2, needs="test_bce_loss_forward")
def test_bce_loss_stability(contract):
    """BCELoss: probabilities of exactly 0 and 1"""
    p = np.array([[0.0, 1.0, 0.0], [1.0, 0.3, 1e-9]])
    contract.stability(BCE, p, np.array([[0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]))


@pytest.mark.check(needs="test_bce_loss_forward")
def test_bce_loss_wrong_shape(contract):
    """BCELoss: a target of another shape is an error"""
    loss = contract.make(BCE)
    p, target = contract.rng.uniform(size=(5, 4)), contract.rng.uniform(size=(5, 1))
    contract.refuses("a target (5, 1) for an input (5, 4)", lambda: loss.forward(p, target))


test_bce_loss_float32 = BCE.float32((5, 4))
test_bce_loss_unchanged_inputs = BCE.unchanged_inputs((5, 4))
test_bce_loss_batch_of_one = BCE.batch_of_one((5, 4))
test_bce_loss_second_call = BCE.second_call((5, 4), (3, 6))
test_bce_loss_non_contiguous = BCE.non_contiguous((5, 4))
### END HIDDEN TESTS
