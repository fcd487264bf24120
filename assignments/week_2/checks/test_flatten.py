"""Flatten: outputs, gradients, and what every layer promises."""

from autograder.layers import Layer

FLATTEN = Layer("flatten", "Flatten")

test_flatten_forward = FLATTEN.forward((4, 2, 3, 5))
test_flatten_backward = FLATTEN.backward((4, 2, 3, 5), weight=2)
