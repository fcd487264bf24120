"""ReLU, Sigmoid, Tanh and Softmax: outputs, gradients, and what every layer promises."""

import numpy as np
import pytest

from autograder.layers.contract import Layer

# Enough numbers that never all of them are negative, whatever the secret.
RELU = Layer("activations", "ReLU")
SIGMOID = Layer("activations", "Sigmoid")
TANH = Layer("activations", "Tanh")
SOFTMAX = Layer("activations", "Softmax", options={"dim": -1})


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
