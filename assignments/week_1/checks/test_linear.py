"""Linear: y = x Wᵀ + b, its gradients, and what every layer promises."""

import pytest

from autograder.layers.contract import Layer

LINEAR = Layer("linear", "Linear", (3, 4), parameters={"weight": (4, 3), "bias": (4,)})


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
