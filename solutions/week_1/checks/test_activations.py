"""ReLU, Sigmoid, Tanh and Softmax: outputs, gradients, and what every layer promises."""

import numpy as np
import pytest

from autograder.layers.contract import Layer

# Enough numbers that never all of them are negative, whatever the secret.
RELU = Layer("activations", "ReLU")
SIGMOID = Layer("activations", "Sigmoid")
TANH = Layer("activations", "Tanh")
SOFTMAX = Layer("activations", "Softmax", options={"dim": -1})
### BEGIN HIDDEN TESTS
SOFTMAX_DIM_1 = Layer("activations", "Softmax", options={"dim": 1})
### END HIDDEN TESTS


@pytest.mark.points(1)
def test_relu_forward(contract):
    """ReLU: output"""
    contract.forward(RELU, (5, 8))


@pytest.mark.points(2, needs="test_relu_forward")
def test_relu_backward(contract):
    """ReLU: gradient of the input"""
    contract.backward(RELU, (5, 8))


@pytest.mark.points(2)
def test_sigmoid_forward(contract):
    """Sigmoid: output"""
    contract.forward(SIGMOID, (5, 4))


@pytest.mark.points(2, needs="test_sigmoid_forward")
def test_sigmoid_backward(contract):
    """Sigmoid: gradient of the input"""
    contract.backward(SIGMOID, (5, 4))


@pytest.mark.points(1)
def test_tanh_forward(contract):
    """Tanh: output"""
    contract.forward(TANH, (5, 4))


@pytest.mark.points(2, needs="test_tanh_forward")
def test_tanh_backward(contract):
    """Tanh: gradient of the input"""
    contract.backward(TANH, (5, 4))


@pytest.mark.points(2)
def test_softmax_forward(contract):
    """Softmax: output"""
    contract.forward(SOFTMAX, (5, 4))


@pytest.mark.points(3, needs="test_softmax_forward")
def test_softmax_backward(contract):
    """Softmax: gradient of the input"""
    contract.backward(SOFTMAX, (5, 4))


@pytest.mark.points(2, needs="test_sigmoid_forward")
def test_sigmoid_stability(contract):
    """Sigmoid: extreme values"""
    contract.stability(SIGMOID, np.array([[-1e4, -800.0, -30.0], [0.5, 30.0, 1e4]]))


@pytest.mark.points(2, needs="test_softmax_forward")
def test_softmax_stability(contract):
    """Softmax: extreme values"""
    contract.stability(SOFTMAX, np.array([[1e4, -1e4, 0.0], [-1e4, -1e4 + 1, -1e4 + 2]]))


### BEGIN HIDDEN TESTS
@pytest.mark.points(2, needs="test_relu_forward")
def test_relu_stability(contract):
    """ReLU: extreme values"""
    contract.stability(RELU, np.array([[-np.inf, -1e4, 0.0], [1e-4, 1e4, np.inf]]))


@pytest.mark.points(1, needs="test_relu_forward")
def test_relu_float32(contract):
    """ReLU: float32 stays float32"""
    contract.float32(RELU, (5, 8))


@pytest.mark.points(1, needs="test_relu_forward")
def test_relu_unchanged_inputs(contract):
    """ReLU: inputs are not changed"""
    contract.unchanged_inputs(RELU, (5, 8))


@pytest.mark.points(1, needs="test_relu_forward")
def test_relu_batch_of_one(contract):
    """ReLU: a batch of one"""
    contract.batch_of_one(RELU, (5, 40))


@pytest.mark.points(1, needs="test_relu_forward")
def test_relu_second_call(contract):
    """ReLU: a second call with another shape"""
    contract.second_call(RELU, (5, 8), (2, 3, 8))


@pytest.mark.points(1, needs="test_relu_forward")
def test_relu_non_contiguous(contract):
    """ReLU: inputs that are views"""
    contract.non_contiguous(RELU, (5, 8))


@pytest.mark.points(1, needs="test_sigmoid_forward")
def test_sigmoid_float32(contract):
    """Sigmoid: float32 stays float32"""
    contract.float32(SIGMOID, (5, 4))


@pytest.mark.points(1, needs="test_sigmoid_forward")
def test_sigmoid_unchanged_inputs(contract):
    """Sigmoid: inputs are not changed"""
    contract.unchanged_inputs(SIGMOID, (5, 4))


@pytest.mark.points(1, needs="test_sigmoid_forward")
def test_sigmoid_batch_of_one(contract):
    """Sigmoid: a batch of one"""
    contract.batch_of_one(SIGMOID, (5, 4))


@pytest.mark.points(1, needs="test_sigmoid_forward")
def test_sigmoid_second_call(contract):
    """Sigmoid: a second call with another shape"""
    contract.second_call(SIGMOID, (5, 4), (2, 3, 4))


@pytest.mark.points(1, needs="test_sigmoid_forward")
def test_sigmoid_non_contiguous(contract):
    """Sigmoid: inputs that are views"""
    contract.non_contiguous(SIGMOID, (5, 4))


@pytest.mark.points(2, needs="test_tanh_forward")
def test_tanh_stability(contract):
    """Tanh: extreme values"""
    contract.stability(TANH, np.array([[-1e4, -800.0, -0.3], [0.5, 30.0, 1e4]]))


@pytest.mark.points(1, needs="test_tanh_forward")
def test_tanh_float32(contract):
    """Tanh: float32 stays float32"""
    contract.float32(TANH, (5, 4))


@pytest.mark.points(1, needs="test_tanh_forward")
def test_tanh_unchanged_inputs(contract):
    """Tanh: inputs are not changed"""
    contract.unchanged_inputs(TANH, (5, 4))


@pytest.mark.points(1, needs="test_tanh_forward")
def test_tanh_batch_of_one(contract):
    """Tanh: a batch of one"""
    contract.batch_of_one(TANH, (5, 4))


@pytest.mark.points(1, needs="test_tanh_forward")
def test_tanh_second_call(contract):
    """Tanh: a second call with another shape"""
    contract.second_call(TANH, (5, 4), (2, 3, 4))


@pytest.mark.points(1, needs="test_tanh_forward")
def test_tanh_non_contiguous(contract):
    """Tanh: inputs that are views"""
    contract.non_contiguous(TANH, (5, 4))


@pytest.mark.points(2, needs="test_softmax_forward")
def test_softmax_dim(contract):
    """Softmax: along another axis"""
    contract.both(SOFTMAX_DIM_1, (3, 5, 4))


@pytest.mark.points(1, needs="test_softmax_forward")
def test_softmax_float32(contract):
    """Softmax: float32 stays float32"""
    contract.float32(SOFTMAX, (5, 4))


@pytest.mark.points(1, needs="test_softmax_forward")
def test_softmax_unchanged_inputs(contract):
    """Softmax: inputs are not changed"""
    contract.unchanged_inputs(SOFTMAX, (5, 4))


@pytest.mark.points(1, needs="test_softmax_forward")
def test_softmax_batch_of_one(contract):
    """Softmax: a batch of one"""
    contract.batch_of_one(SOFTMAX, (5, 4))


@pytest.mark.points(1, needs="test_softmax_forward")
def test_softmax_second_call(contract):
    """Softmax: a second call with another shape"""
    contract.second_call(SOFTMAX, (5, 4), (3, 2, 6))


@pytest.mark.points(1, needs="test_softmax_forward")
def test_softmax_non_contiguous(contract):
    """Softmax: inputs that are views"""
    contract.non_contiguous(SOFTMAX, (5, 4))


### END HIDDEN TESTS
