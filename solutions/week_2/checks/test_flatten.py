"""Flatten: outputs, gradients, and what every layer promises."""

import numpy as np
import pytest

from autograder.layers.contract import Layer

FLATTEN = Layer("flatten", "Flatten")
### BEGIN HIDDEN TESTS
FROM_SECOND = Layer("flatten", "Flatten", (2,))
MIDDLE = Layer("flatten", "Flatten", options={"start_dim": 1, "end_dim": -2})


### END HIDDEN TESTS
@pytest.mark.points(1)
def test_flatten_forward(contract):
    """Flatten: output"""
    contract.forward(FLATTEN, (4, 2, 3, 5))


@pytest.mark.points(2, needs="test_flatten_forward")
def test_flatten_backward(contract):
    """Flatten: gradient of the input"""
    contract.backward(FLATTEN, (4, 2, 3, 5))


### BEGIN HIDDEN TESTS
@pytest.mark.points(2, needs="test_flatten_forward")
def test_flatten_start_dim(contract):
    """Flatten: from and to other axes"""
    contract.both(FROM_SECOND, (4, 2, 3, 5))
    contract.both(MIDDLE, (4, 2, 3, 5))


@pytest.mark.points(1, needs="test_flatten_forward")
def test_flatten_float32(contract):
    """Flatten: float32 stays float32"""
    contract.float32(FLATTEN, (4, 2, 3, 5))


@pytest.mark.points(1, needs="test_flatten_forward")
def test_flatten_unchanged_inputs(contract):
    """Flatten: inputs are not changed"""
    contract.unchanged_inputs(FLATTEN, (4, 2, 3, 5))


@pytest.mark.points(1, needs="test_flatten_forward")
def test_flatten_batch_of_one(contract):
    """Flatten: a batch of one"""
    contract.batch_of_one(FLATTEN, (4, 2, 3, 5))


@pytest.mark.points(1, needs="test_flatten_forward")
def test_flatten_second_call(contract):
    """Flatten: a second call with another shape"""
    contract.second_call(FLATTEN, (4, 2, 3, 5), (3, 6))


@pytest.mark.points(1, needs="test_flatten_forward")
def test_flatten_stability(contract):
    """Flatten: large values and infinities"""
    contract.stability(FLATTEN, np.array([[[1e300, -np.inf], [np.inf, 1e-300]]]))


@pytest.mark.points(1, needs="test_flatten_forward")
def test_flatten_non_contiguous(contract):
    """Flatten: inputs that are views"""
    contract.non_contiguous(FLATTEN, (4, 2, 3, 5))


### END HIDDEN TESTS
