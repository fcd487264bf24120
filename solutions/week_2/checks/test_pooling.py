"""MaxPool2d: outputs, gradients, and what every layer promises."""

from dataclasses import replace
from functools import partial

import pytest

from autograder.layers import Layer

POOL = Layer("pooling", "MaxPool2d", (2,))
### BEGIN HIDDEN TESTS
OVERLAPPING = Layer("pooling", "MaxPool2d", (3,), {"stride": 2})
PADDED = Layer("pooling", "MaxPool2d", (3,), {"stride": 2, "padding": 1})
PAIRS = Layer(
    "pooling",
    "MaxPool2d",
    ((2, 3),),
    {"stride": (1, 2), "padding": (1, 0)},
    draw=lambda rng, shape: rng.standard_normal(shape) - 1,  # some window at the edge is negative
)
HALF = [  # a padding of just half the kernel, in one direction
    Layer("pooling", "MaxPool2d", (kernel,), {"stride": 1, "padding": padding})
    for kernel, padding in (((3, 2), (0, 1)), ((1, 2), (0, 1)), ((2, 1), (1, 0)), ((4, 2), (2, 0)))
]
TIES = [  # of windows that overlap, or lie at an edge
    replace(layer, draw=lambda rng, shape: rng.integers(-6, 3, shape).astype(float))
    for layer in (OVERLAPPING, PADDED, PAIRS)
]
ONE_PIXEL = Layer("pooling", "MaxPool2d", (1,))
GAPS = Layer("pooling", "MaxPool2d", ((2, 1),), {"stride": (3, 2)})  # more than the kernel
INVALID = [
    {"kernel_size": 0},
    {"kernel_size": 0, "stride": 1},
    {"kernel_size": 2, "stride": 0},
    {"kernel_size": 2, "padding": -1},
]
MORE_THAN_HALF = [  # in both directions, then in one only
    {"kernel_size": 3, "padding": 2},
    {"kernel_size": (3, 4), "padding": (2, 1)},
    {"kernel_size": (4, 3), "padding": (1, 2)},
    {"kernel_size": (1, 4), "padding": (1, 1)},
    {"kernel_size": (4, 1), "padding": (1, 1)},
]
### END HIDDEN TESTS

test_max_pool2d_forward = POOL.forward((4, 2, 6, 8), weight=3)
test_max_pool2d_backward = POOL.backward((4, 2, 6, 8), weight=4)


### BEGIN HIDDEN TESTS
test_max_pool2d_stride = OVERLAPPING.both((4, 2, 7, 9), title="windows that overlap", weight=3)
test_max_pool2d_default_stride = POOL.both(
    (4, 2, 5, 7), title="a rest that no window covers", weight=2
)


@pytest.mark.check(weight=3, needs="test_max_pool2d_forward")
def test_max_pool2d_padding(contract):
    """MaxPool2d: with padding, and negative inputs"""
    parameters, x = {}, -1 - contract.rng.random((4, 2, 6, 7))
    contract.both_of(PADDED, parameters, [x])
    contract.both(PADDED, (4, 2, 6, 7))
    for layer in HALF:
        contract.both(layer, (4, 2, 6, 7))


@pytest.mark.check(weight=2, needs="test_max_pool2d_forward")
def test_max_pool2d_invalid_arguments(student, contract):
    """MaxPool2d: too large or a negative padding, a kernel or stride of 0, are errors"""
    x = contract.rng.standard_normal((4, 2, 6, 8))

    def pooled(options):
        return student.pooling.MaxPool2d(**options).forward(x)

    for options in INVALID:
        call = partial(student.pooling.MaxPool2d, **options)
        contract.refuses(f"the arguments {options}", call, "a ValueError")
    for options in MORE_THAN_HALF:
        contract.refuses(f"the arguments {options}", partial(pooled, options), "a ValueError")
    contract.both(POOL, (4, 2, 6, 8))


@pytest.mark.check(needs="test_max_pool2d_forward")
def test_max_pool2d_kernel_sizes(contract):
    """MaxPool2d: windows of one pixel, and as large as the image"""
    contract.both(ONE_PIXEL, (4, 2, 5, 6))
    contract.both(POOL, (4, 2, 2, 2))


test_max_pool2d_pair_arguments = PAIRS.both(
    (4, 2, 5, 7), title="kernel, stride and padding as pairs", weight=2
)


@pytest.mark.check(weight=3, needs="test_max_pool2d_forward")
def test_max_pool2d_ties(contract):
    """MaxPool2d: of equal maxima, the first gets the gradient; a padding never does"""
    x = contract.rng.integers(0, 4, (4, 2, 6, 6)).astype(float)  # of two values, all may be 1
    contract.both_of(POOL, {}, [x])
    x[:, :, :2, :2] = x.min()  # beside the padding
    contract.both_of(PADDED, {}, [x + 1])  # above 0, so that a padding of zeros does no harm


test_max_pool2d_other_forms = POOL.other_forms(
    *((layer, (2, 2, 5, 7)) for layer in (*TIES, ONE_PIXEL, GAPS)), weight=2
)
test_max_pool2d_large_backward = POOL.large_backward((16, 2, 40, 40), weight=3)
test_max_pool2d_float32 = POOL.float32((4, 2, 6, 8), weight=2)
test_max_pool2d_unchanged_inputs = PADDED.unchanged_inputs((4, 2, 6, 8), weight=2)
test_max_pool2d_batch_of_one = POOL.batch_of_one((4, 2, 6, 8))
test_max_pool2d_second_call = POOL.second_call((4, 2, 6, 8), (3, 1, 4, 6), weight=2)


@pytest.mark.check(weight=2, needs="test_max_pool2d_forward")
def test_max_pool2d_stability(contract):
    """MaxPool2d: large values, and nothing but very negative ones beside a padding"""
    x = contract.rng.standard_normal((1, 1, 4, 4)) * 1e300
    x[0, 0, 0, 1], x[0, 0, 2, 2:] = 1e308, -1e308
    contract.stability(POOL, x)
    contract.stability(PADDED, -1e300 * (1 + contract.rng.random((1, 1, 4, 5))))


test_max_pool2d_non_contiguous = POOL.non_contiguous((4, 2, 6, 8))
test_max_pool2d_wrong_shape = POOL.wrong_shape(
    (4, 2, 1, 8),
    (4, 2, 6, 1),
    (2, 6, 8),
    right=(4, 2, 6, 8),
    title="too small an image, wrong axes or a wrong gradient is an error",
)
### END HIDDEN TESTS
