"""Linear: y = x Wᵀ + b, its gradients, and what every layer promises."""

import numpy as np
import pytest

from autograder.layers import Layer

LINEAR = Layer("linear", "Linear", (3, 4), parameters={"weight": (4, 3), "bias": (4,)})
### BEGIN HIDDEN TESTS
LINEAR_NO_BIAS = Layer("linear", "Linear", (3, 4), {"bias": False}, {"weight": (4, 3)})
### END HIDDEN TESTS

test_linear_forward = LINEAR.forward((5, 3), weight=2)
test_linear_backward = LINEAR.backward((5, 3), weight=2)
test_linear_parameter_grads = LINEAR.parameter_grads(
    (5, 3), title="gradients of the parameters, added up", weight=4
)


### BEGIN HIDDEN TESTS
test_linear_no_bias = LINEAR_NO_BIAS.both((5, 3), title="without a bias")
test_linear_stability = LINEAR.stability(
    np.array([[1e4, -1e4, 1e-4], [1e150, 0.5, -1e150]]), title="large and small inputs"
)
test_linear_wrong_shape = LINEAR.wrong_shape(
    (6, 4), right=(5, 3), title="an input or gradient of the wrong shape is an error"
)


@pytest.mark.check(weight=2, needs="test_linear_forward")
def test_linear_init(student, worker, parity):
    """Linear: initial weights and bias"""
    layer = student.linear.Linear(50, 40, rng=worker.generator(7))
    bound = 1 / np.sqrt(50)
    for name, shape in (("weight", (40, 50)), ("bias", (40,))):
        values = layer.read(f"{name}.data")
        if parity.floats(name, values, shape, "float64"):
            largest = float(np.abs(values).max())
            message = f"largest {name} {largest:.4f}, expected just below {bound:.4f}"
            parity.holds(f"range of {name}", 0.85 * bound < largest <= bound, message)
            spread = float(np.std(values)) * np.sqrt(3) / bound
            message = f"{name} is not uniform: its spread is {spread:.2f} of what it should be"
            parity.holds(f"spread of {name}", 0.75 < spread < 1.25, message)


WIDE = Layer("linear", "Linear", (200, 150), parameters={"weight": (150, 200), "bias": (150,)})
test_linear_large_backward = WIDE.large_backward((300, 200), weight=3)
test_linear_float32 = LINEAR.float32((5, 3))
test_linear_unchanged_inputs = LINEAR.unchanged_inputs((5, 3))
test_linear_batch_of_one = LINEAR.batch_of_one((5, 3))
test_linear_second_call = LINEAR.second_call((5, 3), (2, 6, 3))
test_linear_non_contiguous = LINEAR.non_contiguous((5, 3))
### END HIDDEN TESTS
