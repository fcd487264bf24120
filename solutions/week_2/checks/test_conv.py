"""Conv2d: outputs, gradients, and what every layer promises."""

import numpy as np
import pytest

from autograder.layers.contract import Layer
from autograder.sandbox.remote import generator


def conv(*args, bias=True, **options):
    """Conv2d(in_channels, out_channels, kernel_size, ...) with the shapes of its parameters."""
    channels, filters, kernel = args
    kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
    shapes = {"weight": (filters, channels, *kernel)} | ({"bias": (filters,)} if bias else {})
    return Layer("conv", "Conv2d", args, {"bias": bias, **options}, shapes)


CONV = conv(2, 3, 3)
PADDED = conv(2, 3, 3, padding=1)
### BEGIN HIDDEN TESTS
STRIDED = conv(2, 3, 3, stride=2)
RECTANGULAR = conv(2, 3, (2, 3))
PAIRS = conv(2, 3, (3, 2), stride=(2, 1), padding=(1, 0))
NO_BIAS = conv(2, 3, 3, bias=False)
### END HIDDEN TESTS


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


### BEGIN HIDDEN TESTS
@pytest.mark.points(4, needs="test_conv2d_forward")
def test_conv2d_stride(contract):
    """Conv2d: with a stride, also where it doesn't divide the image"""
    contract.both(STRIDED, (4, 2, 7, 8))


@pytest.mark.points(3, needs="test_conv2d_forward")
def test_conv2d_rectangular_kernel(contract):
    """Conv2d: a rectangular kernel"""
    contract.both(RECTANGULAR, (4, 2, 5, 6))


@pytest.mark.points(3, needs="test_conv2d_forward")
def test_conv2d_pair_arguments(contract):
    """Conv2d: kernel, stride and padding as pairs"""
    contract.both(PAIRS, (4, 2, 6, 5))
    contract.parameter_grads(PAIRS, (4, 2, 6, 5))


@pytest.mark.points(2, needs="test_conv2d_forward")
def test_conv2d_no_bias(contract):
    """Conv2d: without a bias"""
    contract.both(NO_BIAS, (4, 2, 5, 6))


@pytest.mark.points(2, needs="test_conv2d_forward")
def test_conv2d_init(student, session, parity):
    """Conv2d: initial weights and bias"""
    layer = student.conv.Conv2d(8, 16, (3, 4), rng=generator(session, 7))
    bound = 1 / np.sqrt(8 * 3 * 4)
    for name, shape in (("weight", (16, 8, 3, 4)), ("bias", (16,))):
        values = layer.read(f"{name}.data")
        if parity.floats(name, values, shape, "float64"):
            largest = float(np.abs(values).max())
            message = f"largest {name} {largest:.4f}, expected just below {bound:.4f}"
            parity.holds(f"range of {name}", 0.7 * bound < largest <= bound, message)


@pytest.mark.points(2, needs="test_conv2d_forward")
def test_conv2d_float32(contract):
    """Conv2d: float32 stays float32"""
    contract.float32(PADDED, (4, 2, 5, 6))


@pytest.mark.points(2, needs="test_conv2d_forward")
def test_conv2d_unchanged_inputs(contract):
    """Conv2d: inputs are not changed"""
    contract.unchanged_inputs(CONV, (4, 2, 5, 6))


@pytest.mark.points(2, needs="test_conv2d_forward")
def test_conv2d_batch_of_one(contract):
    """Conv2d: a batch of one"""
    contract.batch_of_one(CONV, (4, 2, 5, 6))


@pytest.mark.points(2, needs="test_conv2d_forward")
def test_conv2d_second_call(contract):
    """Conv2d: a second call with another shape"""
    contract.second_call(PADDED, (4, 2, 5, 6), (3, 2, 7, 4))


@pytest.mark.points(2, needs="test_conv2d_forward")
def test_conv2d_stability(contract):
    """Conv2d: large and small inputs"""
    scale = 10.0 ** contract.rng.integers(-100, 100, (2, 2, 4, 4))
    contract.stability(CONV, contract.rng.standard_normal((2, 2, 4, 4)) * scale)


@pytest.mark.points(2, needs="test_conv2d_forward")
def test_conv2d_non_contiguous(contract):
    """Conv2d: inputs that are views"""
    contract.non_contiguous(CONV, (4, 2, 5, 6))


@pytest.mark.points(2, needs="test_conv2d_forward")
def test_conv2d_wrong_shape(contract):
    """Conv2d: wrong channels, too small an image, or a wrong gradient is an error"""
    contract.wrong_shape(CONV, (4, 3, 5, 6))
    contract.wrong_shape(CONV, (4, 2, 2, 6))
    contract.wrong_shape(CONV, (4, 2, 5, 6), grad_out=(4, 3, 1, 1))


### END HIDDEN TESTS
