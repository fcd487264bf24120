"""Flatten: outputs, gradients, and what every layer promises."""

import pytest

from autograder.layers.contract import Layer

FLATTEN = Layer("flatten", "Flatten")
@pytest.mark.points(1)
def test_flatten_forward(contract):
    """Flatten: output"""
    contract.forward(FLATTEN, (4, 2, 3, 5))


@pytest.mark.points(2, needs="test_flatten_forward")
def test_flatten_backward(contract):
    """Flatten: gradient of the input"""
    contract.backward(FLATTEN, (4, 2, 3, 5))
