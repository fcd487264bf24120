"""MaxPool2d: outputs, gradients, and what every layer promises."""

import pytest

from autograder.layers.contract import Layer

POOL = Layer("pooling", "MaxPool2d", (2,))
@pytest.mark.points(3)
def test_max_pool2d_forward(contract):
    """MaxPool2d: output"""
    contract.forward(POOL, (4, 2, 6, 8))


@pytest.mark.points(4, needs="test_max_pool2d_forward")
def test_max_pool2d_backward(contract):
    """MaxPool2d: gradient of the input"""
    contract.backward(POOL, (4, 2, 6, 8))
