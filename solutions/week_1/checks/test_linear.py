"""Linear: y = x Wᵀ + b, its gradients, and what every layer promises."""

import numpy as np

from autograder.layers import Layer

LINEAR = Layer("linear", "Linear", (3, 4), parameters={"weight": (4, 3), "bias": (4,)})
### BEGIN HIDDEN TESTS
WIDE = Layer("linear", "Linear", (200, 150), parameters={"weight": (150, 200), "bias": (150,)})
LINEAR_NO_BIAS = Layer("linear", "Linear", (3, 4), {"bias": False}, {"weight": (4, 3)})
### END HIDDEN TESTS

test_linear_forward = LINEAR.forward((5, 3), weight=2)
test_linear_backward = LINEAR.backward((5, 3), weight=2)
test_linear_parameter_grads = LINEAR.parameter_grads(
    (5, 3), title="gradients of the parameters, added up", weight=4
)


### BEGIN HIDDEN TESTS
test_linear_no_bias = LINEAR_NO_BIAS.both((5, 3), title="without a bias")
test_linear_other_forms = LINEAR.other_forms(
    (LINEAR_NO_BIAS, (5, 3)), (LINEAR, (2, 6, 3)), title="the same without a bias, with more axes"
)
test_linear_stability = LINEAR.stability(
    np.array([[1e4, -1e4, 1e-4], [1e150, 0.5, -1e150]]), title="large and small inputs"
)
test_linear_wrong_shape = LINEAR.wrong_shape(
    (6, 4), right=(5, 3), title="an input or gradient of the wrong shape is an error"
)
test_linear_one_example = LINEAR.both((3,), title="one example without a batch axis")
test_linear_init = WIDE.initial(1 / np.sqrt(200), weight=2)
test_linear_large_backward = WIDE.large_backward((150, 200), weight=3)
test_linear_float32 = LINEAR.float32((5, 3))
test_linear_unchanged_inputs = LINEAR.unchanged_inputs((5, 3))
test_linear_batch_of_one = LINEAR.batch_of_one((5, 3))
test_linear_second_call = LINEAR.second_call((5, 3), (2, 6, 3))
test_linear_non_contiguous = LINEAR.non_contiguous((5, 3))
### END HIDDEN TESTS
