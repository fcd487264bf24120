"""ReLU, Sigmoid, Tanh and Softmax: outputs, gradients, and what every layer promises."""

import numpy as np
import pytest

from autograder.layers import Layer

# Enough numbers that never all of them are negative, whatever the secret.
RELU = Layer("activations", "ReLU")
SIGMOID = Layer("activations", "Sigmoid")
TANH = Layer("activations", "Tanh")
SOFTMAX = Layer("activations", "Softmax", options={"dim": -1})

test_relu_forward = RELU.forward((5, 8))
test_relu_backward = RELU.backward((5, 8), weight=2)

test_sigmoid_forward = SIGMOID.forward((5, 4), weight=2)
test_sigmoid_backward = SIGMOID.backward((5, 4), weight=2)

test_tanh_forward = TANH.forward((5, 4))
test_tanh_backward = TANH.backward((5, 4), weight=2)

test_softmax_forward = SOFTMAX.forward((5, 4), weight=2)
test_softmax_backward = SOFTMAX.backward((5, 4), weight=3)


@pytest.mark.check(weight=2, needs="test_sigmoid_forward")
def test_sigmoid_stability(contract):
    """Sigmoid: extreme values"""
    values = np.array([[-1e4, -800.0, -30.0], [0.5, 30.0, 1e4]])
    contract.stability(SIGMOID, values, quiet=True)
    far = contract.rng.uniform(-1e4, -100, 6)  # beside numbers near 1, any small one would pass
    got = contract.parity.array("far output", contract.make(SIGMOID).forward(far), far.shape)
    message = f"below x = -100 the largest output is {got.max():.1g}: less than 1e-30 is left there"
    contract.parity.holds("what is left far below 0", (got < 1e-30).all(), message)


test_softmax_stability = SOFTMAX.stability(
    np.array([[1e4, -1e4, 0.0], [-1e4, -1e4 + 1, -1e4 + 2]]), quiet=True, weight=2
)
