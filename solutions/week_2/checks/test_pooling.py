"""MaxPool2d: outputs, gradients, and what every layer promises."""

import numpy as np
import pytest

from autograder.layers.contract import Layer

POOL = Layer("pooling", "MaxPool2d", (2,))
### BEGIN HIDDEN TESTS
OVERLAPPING = Layer("pooling", "MaxPool2d", (3,), {"stride": 2})
PADDED = Layer("pooling", "MaxPool2d", (3,), {"stride": 2, "padding": 1})
PAIRS = Layer("pooling", "MaxPool2d", ((2, 3),), {"stride": (1, 2), "padding": (1, 0)})


### END HIDDEN TESTS
@pytest.mark.points(3)
def test_max_pool2d_forward(contract):
    """MaxPool2d: output"""
    contract.forward(POOL, (4, 2, 6, 8))


@pytest.mark.points(4, needs="test_max_pool2d_forward")
def test_max_pool2d_backward(contract):
    """MaxPool2d: gradient of the input"""
    contract.backward(POOL, (4, 2, 6, 8))


### BEGIN HIDDEN TESTS
@pytest.mark.points(3, needs="test_max_pool2d_forward")
def test_max_pool2d_stride(contract):
    """MaxPool2d: windows that overlap"""
    contract.both(OVERLAPPING, (4, 2, 7, 9))


@pytest.mark.points(2, needs="test_max_pool2d_forward")
def test_max_pool2d_default_stride(contract):
    """MaxPool2d: a rest that no window covers"""
    contract.both(POOL, (4, 2, 5, 7))


@pytest.mark.points(3, needs="test_max_pool2d_forward")
def test_max_pool2d_padding(contract):
    """MaxPool2d: with padding, and negative inputs"""
    parameters, x = {}, -1 - contract.rng.random((4, 2, 6, 7))
    contract.both_of(PADDED, parameters, [x])
    contract.both(PADDED, (4, 2, 6, 7))


@pytest.mark.points(2, needs="test_max_pool2d_forward")
def test_max_pool2d_pair_arguments(contract):
    """MaxPool2d: kernel, stride and padding as pairs"""
    contract.both(PAIRS, (4, 2, 5, 7))


@pytest.mark.points(3, needs="test_max_pool2d_forward")
def test_max_pool2d_ties(contract):
    """MaxPool2d: of equal maxima, the first gets the gradient"""
    x = contract.rng.integers(0, 4, (4, 2, 6, 6)).astype(float)  # of two values, all may be 1
    contract.both_of(POOL, {}, [x])


@pytest.mark.points(2, needs="test_max_pool2d_forward")
def test_max_pool2d_float32(contract):
    """MaxPool2d: float32 stays float32"""
    contract.float32(POOL, (4, 2, 6, 8))


@pytest.mark.points(2, needs="test_max_pool2d_forward")
def test_max_pool2d_unchanged_inputs(contract):
    """MaxPool2d: inputs are not changed"""
    contract.unchanged_inputs(PADDED, (4, 2, 6, 8))


@pytest.mark.points(1, needs="test_max_pool2d_forward")
def test_max_pool2d_batch_of_one(contract):
    """MaxPool2d: a batch of one"""
    contract.batch_of_one(POOL, (4, 2, 6, 8))


@pytest.mark.points(2, needs="test_max_pool2d_forward")
def test_max_pool2d_second_call(contract):
    """MaxPool2d: a second call with another shape"""
    contract.second_call(POOL, (4, 2, 6, 8), (3, 1, 4, 6))


@pytest.mark.points(2, needs="test_max_pool2d_forward")
def test_max_pool2d_stability(contract):
    """MaxPool2d: large values and infinities"""
    x = contract.rng.standard_normal((1, 1, 4, 4)) * 1e300
    x[0, 0, 0, 1], x[0, 0, 2, 2:] = np.inf, -np.inf
    contract.stability(POOL, x)


@pytest.mark.points(1, needs="test_max_pool2d_forward")
def test_max_pool2d_non_contiguous(contract):
    """MaxPool2d: inputs that are views"""
    contract.non_contiguous(POOL, (4, 2, 6, 8))


@pytest.mark.points(1, needs="test_max_pool2d_forward")
def test_max_pool2d_wrong_shape(contract):
    """MaxPool2d: an image smaller than the window, or a wrong gradient, is an error"""
    contract.wrong_shape(POOL, (4, 2, 1, 8))
    contract.wrong_shape(POOL, (4, 2, 6, 8), grad_out=(4, 2, 1, 4))


### END HIDDEN TESTS
