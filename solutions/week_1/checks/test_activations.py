"""ReLU, Sigmoid, Tanh and Softmax: outputs, gradients, and what every layer promises."""

import numpy as np
import pytest

from autograder.layers import Layer

# Enough numbers that never all of them are negative, whatever the secret.
RELU = Layer("activations", "ReLU")
SIGMOID = Layer("activations", "Sigmoid")
TANH = Layer("activations", "Tanh")
SOFTMAX = Layer("activations", "Softmax", options={"dim": -1})
### BEGIN HIDDEN TESTS
SOFTMAX_DEFAULT = Layer("activations", "Softmax")
SOFTMAX_DIM_1 = Layer("activations", "Softmax", options={"dim": 1})
SOFTMAX_DIM_0 = Layer("activations", "Softmax", options={"dim": 0})
### END HIDDEN TESTS

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


### BEGIN HIDDEN TESTS
test_relu_stability = RELU.stability(np.array([[-1e300, -1e4, 0.0], [1e-4, 1e4, 1e300]]), weight=2)
test_relu_large_backward = RELU.large_backward((200, 500), weight=3)
test_relu_wrong_shape = RELU.wrong_shape(right=(5, 8))
test_relu_float32 = RELU.float32((5, 8))
test_relu_unchanged_inputs = RELU.unchanged_inputs((5, 8))
test_relu_batch_of_one = RELU.batch_of_one((5, 40))
test_relu_second_call = RELU.second_call((5, 8), (2, 3, 8))
test_relu_non_contiguous = RELU.non_contiguous((5, 8))

test_sigmoid_large_backward = SIGMOID.large_backward((100, 500), weight=3)
test_sigmoid_wrong_shape = SIGMOID.wrong_shape(right=(5, 4))
test_sigmoid_float32 = SIGMOID.float32((5, 4))
test_sigmoid_unchanged_inputs = SIGMOID.unchanged_inputs((5, 4))
test_sigmoid_batch_of_one = SIGMOID.batch_of_one((5, 4))
test_sigmoid_second_call = SIGMOID.second_call((5, 4), (2, 3, 4))
test_sigmoid_non_contiguous = SIGMOID.non_contiguous((5, 4))

test_tanh_stability = TANH.stability(
    np.array([[-1e4, -800.0, -0.3], [0.5, 30.0, 1e4]]), quiet=True, weight=2
)
test_tanh_large_backward = TANH.large_backward((100, 500), weight=3)
test_tanh_wrong_shape = TANH.wrong_shape(right=(5, 4))
test_tanh_float32 = TANH.float32((5, 4))
test_tanh_unchanged_inputs = TANH.unchanged_inputs((5, 4))
test_tanh_batch_of_one = TANH.batch_of_one((5, 4))
test_tanh_second_call = TANH.second_call((5, 4), (2, 3, 4))
test_tanh_non_contiguous = TANH.non_contiguous((5, 4))


@pytest.mark.check(weight=2, needs="test_softmax_forward")
def test_softmax_dim(contract):
    """Softmax: along another axis, and along the last one unless told"""
    contract.both(SOFTMAX_DIM_1, (3, 5, 4))
    contract.both(SOFTMAX_DIM_0, (5, 4))
    x = contract.rng.standard_normal((3, 5, 4))
    expected = contract.expect(SOFTMAX, {}, [x]).output
    contract.parity("output of Softmax()", contract.make(SOFTMAX_DEFAULT).forward(x), expected)


test_softmax_other_forms = SOFTMAX.other_forms(
    (SOFTMAX_DIM_1, (3, 5, 4)), (SOFTMAX_DIM_0, (5, 4)), (SOFTMAX, (2, 3, 4))
)
test_softmax_large_backward = SOFTMAX.large_backward((1000, 50), weight=3)
test_softmax_wrong_shape = SOFTMAX.wrong_shape(right=(5, 4))
test_softmax_float32 = SOFTMAX.float32((5, 4))
test_softmax_unchanged_inputs = SOFTMAX.unchanged_inputs((5, 4))
test_softmax_batch_of_one = SOFTMAX.batch_of_one((5, 4))
test_softmax_second_call = SOFTMAX.second_call((5, 4), (3, 2, 6))
test_softmax_non_contiguous = SOFTMAX.non_contiguous((5, 4))
### END HIDDEN TESTS
