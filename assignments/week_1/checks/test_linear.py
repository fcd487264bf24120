"""Linear: y = x Wᵀ + b, its gradients, and what every layer promises."""

from autograder.layers import Layer

LINEAR = Layer("linear", "Linear", (3, 4), parameters={"weight": (4, 3), "bias": (4,)})

test_linear_forward = LINEAR.forward((5, 3), weight=2)
test_linear_backward = LINEAR.backward((5, 3), weight=2)
test_linear_parameter_grads = LINEAR.parameter_grads(
    (5, 3), title="gradients of the parameters, added up", weight=4
)
