"""Conv2d: outputs, gradients, and what every layer promises."""

from functools import partial

import numpy as np
import pytest

from autograder.layers import Layer


def conv(*args, bias=True, **options):
    """Conv2d(in_channels, out_channels, kernel_size, ...) with the shapes of its parameters."""
    channels, filters, kernel = args
    kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
    shapes = {"weight": (filters, channels, *kernel)} | ({"bias": (filters,)} if bias else {})
    return Layer("conv", "Conv2d", args, options if bias else {"bias": False, **options}, shapes)


CONV = conv(2, 3, 3)
PADDED = conv(2, 3, 3, padding=1)
### BEGIN HIDDEN TESTS
STRIDED = conv(2, 3, 3, stride=2)
RECTANGULAR = conv(2, 3, (2, 3))
PAIRS = conv(2, 3, (3, 2), stride=(2, 1), padding=(1, 0))
NO_BIAS = conv(2, 3, 3, bias=False)
ONE_PIXEL = conv(2, 3, 1)
FAR = [  # a padding as large as the kernel, or larger: some windows see zeros alone
    conv(2, 3, 1, padding=1),
    conv(2, 3, (2, 1), padding=(3, 2)),
]
GAPS = conv(2, 3, (2, 1), stride=(3, 2))  # a stride larger than the kernel
WIDER = conv(2, 3, 3, stride=2, padding=2, bias=False)
MANY = conv(8, 64, (3, 4))
LARGE = conv(2, 4, 3)
### END HIDDEN TESTS

test_conv2d_forward = CONV.forward((4, 2, 6, 7), weight=4)
test_conv2d_backward = CONV.backward((4, 2, 6, 7), weight=5)
test_conv2d_parameter_grads = CONV.parameter_grads((4, 2, 6, 7), weight=5)
test_conv2d_padding = PADDED.both((4, 2, 5, 6), title="with padding", weight=4)


### BEGIN HIDDEN TESTS
test_conv2d_stride = STRIDED.both(
    (4, 2, 7, 8), title="with a stride, also where it doesn't divide the image", weight=4
)
test_conv2d_rectangular_kernel = RECTANGULAR.both(
    (4, 2, 5, 6), title="a rectangular kernel", weight=3
)
test_conv2d_pair_arguments = PAIRS.both(
    (4, 2, 6, 5), title="kernel, stride and padding as pairs", weight=3
)
test_conv2d_no_bias = NO_BIAS.both((4, 2, 5, 6), title="without a bias", weight=2)
test_conv2d_other_forms = CONV.other_forms(
    (NO_BIAS, (2, 2, 4, 5)),
    (STRIDED, (2, 2, 6, 5)),
    (PAIRS, (2, 2, 6, 5)),
    (WIDER, (2, 2, 5, 4)),
    (ONE_PIXEL, (2, 2, 2, 3)),
    *((layer, (2, 2, 3, 2)) for layer in FAR),
    (GAPS, (2, 2, 6, 5)),
    (CONV, (2, 2, 3, 3)),
    weight=3,
)


@pytest.mark.check(weight=2, needs="test_conv2d_forward")
def test_conv2d_kernel_sizes(contract):
    """Conv2d: kernels of one pixel, and as large as the image"""
    contract.both(ONE_PIXEL, (4, 2, 5, 6))
    contract.both(CONV, (4, 2, 3, 3))


@pytest.mark.check(needs="test_conv2d_forward")
def test_conv2d_invalid_arguments(contract):
    """Conv2d: a kernel or stride of 0, or a negative padding, is an error"""
    for layer in (conv(2, 3, 0), conv(2, 3, 3, stride=0), conv(2, 3, 3, padding=-1)):
        what = f"kernel_size, {layer.args[2]}, {layer.options}"
        contract.refuses(what, partial(contract.make, layer), "a ValueError")
    contract.both(CONV, (4, 2, 5, 6))


test_conv2d_init = MANY.initial(1 / np.sqrt(8 * 3 * 4), weight=3)
test_conv2d_large_backward = LARGE.large_backward((16, 2, 40, 40), weight=3)
test_conv2d_float32 = PADDED.float32((4, 2, 5, 6), weight=2)
test_conv2d_unchanged_inputs = CONV.unchanged_inputs((4, 2, 5, 6), weight=2)
test_conv2d_batch_of_one = CONV.batch_of_one((4, 2, 5, 6), weight=2)
test_conv2d_second_call = PADDED.second_call((4, 2, 5, 6), (3, 2, 7, 4), weight=2)


@pytest.mark.check(weight=2, needs="test_conv2d_forward")
def test_conv2d_stability(contract):
    """Conv2d: large and small inputs"""
    scale = 10.0 ** contract.rng.integers(-100, 100, (2, 2, 4, 4))
    contract.stability(CONV, contract.rng.standard_normal((2, 2, 4, 4)) * scale)


test_conv2d_non_contiguous = CONV.non_contiguous((4, 2, 5, 6), weight=2)
test_conv2d_wrong_shape = CONV.wrong_shape(
    (4, 3, 5, 6),
    (4, 2, 2, 6),
    (4, 2, 6, 2),
    (2, 5, 6),
    right=(4, 2, 5, 6),
    title="wrong axes or channels, too small an image, or a wrong gradient is an error",
    weight=2,
)
### END HIDDEN TESTS
