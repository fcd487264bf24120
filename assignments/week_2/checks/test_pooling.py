"""MaxPool2d: outputs, gradients, and what every layer promises."""

from autograder.layers import Layer

POOL = Layer("pooling", "MaxPool2d", (2,))

test_max_pool2d_forward = POOL.forward((4, 2, 6, 8), weight=3)
test_max_pool2d_backward = POOL.backward((4, 2, 6, 8), weight=4)
