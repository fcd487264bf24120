"""CrossEntropyLoss and BCELoss: values, gradients, and what every loss promises."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.layers.contract import Layer


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


@pytest.mark.points(2)
def test_cross_entropy_loss_forward(contract):
    """CrossEntropyLoss: the loss"""
    contract.forward(CROSS_ENTROPY, (5, 4))


@pytest.mark.points(3, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_backward(contract):
    """CrossEntropyLoss: gradient of the input"""
    contract.backward(CROSS_ENTROPY, (5, 4))


@pytest.mark.points(2)
def test_bce_loss_forward(contract):
    """BCELoss: the loss"""
    contract.forward(BCE, (5, 4))


@pytest.mark.points(3, needs="test_bce_loss_forward")
def test_bce_loss_backward(contract):
    """BCELoss: gradient of the input"""
    contract.backward(BCE, (5, 4))


@pytest.mark.points(2, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_stability(contract):
    """CrossEntropyLoss: logits of ±10,000"""
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4], [3.0, 1.0, 2.0]])
    contract.stability(CROSS_ENTROPY, logits, np.array([0, 1, 2]))


### BEGIN HIDDEN TESTS
@pytest.mark.points(2, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_reduction_sum(contract):
    """CrossEntropyLoss: the sum instead of the mean"""
    contract.both(CROSS_ENTROPY_SUM, (5, 4))


@pytest.mark.points(1, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_wrong_shape(contract):
    """CrossEntropyLoss: one target too few is an error"""
    loss = contract.make(CROSS_ENTROPY)
    logits, target = contract.rng.standard_normal((5, 4)), np.array([0, 1, 2, 3, 0])
    contract.refuses("4 targets for 5 rows", lambda: loss.forward(logits, target[:4]))
    contract.refuses("a column of targets", lambda: loss.forward(logits, target[:, None]))


@pytest.mark.points(1, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_float32(contract):
    """CrossEntropyLoss: float32 stays float32"""
    contract.float32(CROSS_ENTROPY, (5, 4))


@pytest.mark.points(1, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_unchanged_inputs(contract):
    """CrossEntropyLoss: inputs are not changed"""
    contract.unchanged_inputs(CROSS_ENTROPY, (5, 4))


@pytest.mark.points(1, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_batch_of_one(contract):
    """CrossEntropyLoss: a batch of one"""
    contract.batch_of_one(CROSS_ENTROPY, (5, 4))


@pytest.mark.points(1, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_second_call(contract):
    """CrossEntropyLoss: a second call with another shape"""
    contract.second_call(CROSS_ENTROPY, (5, 4), (3, 6))


@pytest.mark.points(1, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_non_contiguous(contract):
    """CrossEntropyLoss: inputs that are views"""
    contract.non_contiguous(CROSS_ENTROPY, (5, 4))


@pytest.mark.points(2, needs="test_bce_loss_forward")
def test_bce_loss_reduction_sum(contract):
    """BCELoss: the sum instead of the mean"""
    contract.both(BCE_SUM, (5, 4))


@pytest.mark.points(2, needs="test_bce_loss_forward")
def test_bce_loss_stability(contract):
    """BCELoss: probabilities of exactly 0 and 1"""
    p = np.array([[0.0, 1.0, 0.0], [1.0, 0.3, 1e-9]])
    contract.stability(BCE, p, np.array([[0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]))


@pytest.mark.points(1, needs="test_bce_loss_forward")
def test_bce_loss_wrong_shape(contract):
    """BCELoss: a target of another shape is an error"""
    loss = contract.make(BCE)
    p, target = contract.rng.uniform(size=(5, 4)), contract.rng.uniform(size=(5, 1))
    contract.refuses("a target (5, 1) for an input (5, 4)", lambda: loss.forward(p, target))


@pytest.mark.points(1, needs="test_bce_loss_forward")
def test_bce_loss_float32(contract):
    """BCELoss: float32 stays float32"""
    contract.float32(BCE, (5, 4))


@pytest.mark.points(1, needs="test_bce_loss_forward")
def test_bce_loss_unchanged_inputs(contract):
    """BCELoss: inputs are not changed"""
    contract.unchanged_inputs(BCE, (5, 4))


@pytest.mark.points(1, needs="test_bce_loss_forward")
def test_bce_loss_batch_of_one(contract):
    """BCELoss: a batch of one"""
    contract.batch_of_one(BCE, (5, 4))


@pytest.mark.points(1, needs="test_bce_loss_forward")
def test_bce_loss_second_call(contract):
    """BCELoss: a second call with another shape"""
    contract.second_call(BCE, (5, 4), (3, 6))


@pytest.mark.points(1, needs="test_bce_loss_forward")
def test_bce_loss_non_contiguous(contract):
    """BCELoss: inputs that are views"""
    contract.non_contiguous(BCE, (5, 4))


### END HIDDEN TESTS
