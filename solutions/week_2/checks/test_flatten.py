"""Flatten: outputs, gradients, and what every layer promises."""

import numpy as np
import pytest

from autograder.layers import Layer

FLATTEN = Layer("flatten", "Flatten")
### BEGIN HIDDEN TESTS
FROM_SECOND = Layer("flatten", "Flatten", (2,))
MIDDLE = Layer("flatten", "Flatten", options={"start_dim": 1, "end_dim": -2})
### END HIDDEN TESTS

test_flatten_forward = FLATTEN.forward((4, 2, 3, 5))
test_flatten_backward = FLATTEN.backward((4, 2, 3, 5), weight=2)


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=2, needs="test_flatten_forward")
def test_flatten_start_dim(contract):
    """Flatten: from and to other axes"""
    contract.both(FROM_SECOND, (4, 2, 3, 5))
    contract.both(MIDDLE, (4, 2, 3, 5))


test_flatten_float32 = FLATTEN.float32((4, 2, 3, 5))
test_flatten_unchanged_inputs = FLATTEN.unchanged_inputs((4, 2, 3, 5))
test_flatten_batch_of_one = FLATTEN.batch_of_one((4, 2, 3, 5))
test_flatten_second_call = FLATTEN.second_call((4, 2, 3, 5), (3, 6))
test_flatten_stability = FLATTEN.stability(
    np.array([[[1e300, -np.inf], [np.inf, 1e-300]]]), title="large values and infinities"
)
test_flatten_non_contiguous = FLATTEN.non_contiguous((4, 2, 3, 5))
### END HIDDEN TESTS
