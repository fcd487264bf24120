"""Flatten: outputs, gradients, and what every layer promises."""

from functools import partial

import numpy as np
import pytest

from autograder.layers import Layer

FLATTEN = Layer("flatten", "Flatten")
### BEGIN HIDDEN TESTS
# From the start or the end, with the batch axis, with one axis alone.
AXES = [(2,), (0,), (0, 0), (0, 1), (1, 2), (2, 3), (1, -2), (-1,), (-3, -2)]
NO_AXES = [(1, 4), (4,), (-5,), (0, -5), (2, 1)]
### END HIDDEN TESTS

test_flatten_forward = FLATTEN.forward((4, 2, 3, 5))
test_flatten_backward = FLATTEN.backward((4, 2, 3, 5), weight=2)


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=3, needs="test_flatten_forward")
def test_flatten_start_dim(contract):
    """Flatten: from and to other axes, counted from the start or the end"""
    for axes in AXES:
        contract.both(Layer("flatten", "Flatten", axes), (4, 2, 3, 5))


@pytest.mark.check(weight=2, needs="test_flatten_forward")
def test_flatten_wrong_shape(contract):
    """Flatten: axes that are not there, or a gradient of another shape, are an error"""
    x = contract.rng.standard_normal((4, 2, 3, 5))
    for axes in NO_AXES:
        flatten = contract.make(Layer("flatten", "Flatten", axes))
        contract.refuses(f"axes {axes} of four", partial(flatten.forward, x), "a ValueError")
    contract.wrong_shape(FLATTEN, right=(4, 2, 3, 5))


test_flatten_other_forms = FLATTEN.other_forms(
    *((Layer("flatten", "Flatten", axes), (2, 3, 4)) for axes in ((0,), (0, 1), (-1,)))
)
test_flatten_large_backward = FLATTEN.large_backward((200, 10, 10, 10), weight=2)
test_flatten_float32 = FLATTEN.float32((4, 2, 3, 5))
test_flatten_unchanged_inputs = FLATTEN.unchanged_inputs((4, 2, 3, 5))
test_flatten_batch_of_one = FLATTEN.batch_of_one((4, 2, 3, 5))
test_flatten_second_call = FLATTEN.second_call((4, 2, 3, 5), (3, 6))
test_flatten_stability = FLATTEN.stability(
    np.array([[[1e300, -1e308], [1e308, 1e-300]]]), title="large and small values"
)
test_flatten_non_contiguous = FLATTEN.non_contiguous((4, 2, 3, 5))
### END HIDDEN TESTS
