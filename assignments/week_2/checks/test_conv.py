"""Conv2d: outputs, gradients, and what every layer promises."""

import pytest

from autograder.layers.contract import Layer


def conv(*args, bias=True, **options):
    """Conv2d(in_channels, out_channels, kernel_size, ...) with the shapes of its parameters."""
    channels, filters, kernel = args
    kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
    shapes = {"weight": (filters, channels, *kernel)} | ({"bias": (filters,)} if bias else {})
    return Layer("conv", "Conv2d", args, {"bias": bias, **options}, shapes)


CONV = conv(2, 3, 3)
PADDED = conv(2, 3, 3, padding=1)


@pytest.mark.points(4)
def test_conv2d_forward(contract):
    """Conv2d: output"""
    contract.forward(CONV, (4, 2, 6, 7))


@pytest.mark.points(5, needs="test_conv2d_forward")
def test_conv2d_backward(contract):
    """Conv2d: gradient of the input"""
    contract.backward(CONV, (4, 2, 6, 7))


@pytest.mark.points(5, needs="test_conv2d_forward")
def test_conv2d_parameter_grads(contract):
    """Conv2d: gradients of weight and bias, added up"""
    contract.parameter_grads(CONV, (4, 2, 6, 7))


@pytest.mark.points(4, needs="test_conv2d_forward")
def test_conv2d_padding(contract):
    """Conv2d: with padding"""
    contract.both(PADDED, (4, 2, 5, 6))
