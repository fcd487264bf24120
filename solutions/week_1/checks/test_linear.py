"""Linear: y = x Wᵀ + b, its gradients, and what every layer promises."""

import numpy as np
import pytest

from autograder.layers.contract import Layer
from autograder.sandbox.remote import generator

LINEAR = Layer("linear", "Linear", (3, 4), parameters={"weight": (4, 3), "bias": (4,)})
### BEGIN HIDDEN TESTS
LINEAR_NO_BIAS = Layer("linear", "Linear", (3, 4), {"bias": False}, {"weight": (4, 3)})
### END HIDDEN TESTS


@pytest.mark.points(2)
def test_linear_forward(contract):
    """Linear: output"""
    contract.forward(LINEAR, (5, 3))


@pytest.mark.points(2, needs="test_linear_forward")
def test_linear_backward(contract):
    """Linear: gradient of the input"""
    contract.backward(LINEAR, (5, 3))


@pytest.mark.points(4, needs="test_linear_forward")
def test_linear_parameter_grads(contract):
    """Linear: gradients of the parameters, added up"""
    contract.parameter_grads(LINEAR, (5, 3))


### BEGIN HIDDEN TESTS
@pytest.mark.points(1, needs="test_linear_forward")
def test_linear_no_bias(contract):
    """Linear: without a bias"""
    contract.both(LINEAR_NO_BIAS, (5, 3))


@pytest.mark.points(1, needs="test_linear_forward")
def test_linear_stability(contract):
    """Linear: large and small inputs"""
    contract.stability(LINEAR, np.array([[1e4, -1e4, 1e-4], [1e150, 0.5, -1e150]]))


@pytest.mark.points(1, needs="test_linear_forward")
def test_linear_wrong_shape(contract):
    """Linear: an input or gradient of the wrong shape is an error"""
    contract.wrong_shape(LINEAR, (5, 4))
    contract.wrong_shape(LINEAR, (5, 3), grad_out=(5, 1))


@pytest.mark.points(2, needs="test_linear_forward")
def test_linear_init(student, session, parity):
    """Linear: initial weights and bias"""
    layer = student.linear.Linear(50, 40, rng=generator(session, 7))
    bound = 1 / np.sqrt(50)
    for name, shape in (("weight", (40, 50)), ("bias", (40,))):
        values = layer.read(f"{name}.data")
        if parity.floats(name, values, shape, "float64"):
            largest = float(np.abs(values).max())
            message = f"largest {name} {largest:.4f}, expected just below {bound:.4f}"
            parity.holds(f"range of {name}", 0.85 * bound < largest <= bound, message)
            spread = float(np.std(values)) * np.sqrt(3) / bound
            message = f"{name} is not uniform: its spread is {spread:.2f} of what it should be"
            parity.holds(f"spread of {name}", 0.75 < spread < 1.25, message)


@pytest.mark.points(1, needs="test_linear_forward")
def test_linear_float32(contract):
    """Linear: float32 stays float32"""
    contract.float32(LINEAR, (5, 3))


@pytest.mark.points(1, needs="test_linear_forward")
def test_linear_unchanged_inputs(contract):
    """Linear: inputs are not changed"""
    contract.unchanged_inputs(LINEAR, (5, 3))


@pytest.mark.points(1, needs="test_linear_forward")
def test_linear_batch_of_one(contract):
    """Linear: a batch of one"""
    contract.batch_of_one(LINEAR, (5, 3))


@pytest.mark.points(1, needs="test_linear_forward")
def test_linear_second_call(contract):
    """Linear: a second call with another shape"""
    contract.second_call(LINEAR, (5, 3), (2, 6, 3))


@pytest.mark.points(1, needs="test_linear_forward")
def test_linear_non_contiguous(contract):
    """Linear: inputs that are views"""
    contract.non_contiguous(LINEAR, (5, 3))


### END HIDDEN TESTS
