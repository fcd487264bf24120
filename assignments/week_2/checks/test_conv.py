"""Conv2d: outputs, gradients, and what every layer promises."""

from autograder.layers import Layer


def conv(*args, bias=True, **options):
    """Conv2d(in_channels, out_channels, kernel_size, ...) with the shapes of its parameters."""
    channels, filters, kernel = args
    kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
    shapes = {"weight": (filters, channels, *kernel)} | ({"bias": (filters,)} if bias else {})
    return Layer("conv", "Conv2d", args, options if bias else {"bias": False, **options}, shapes)


CONV = conv(2, 3, 3)
PADDED = conv(2, 3, 3, padding=1)

test_conv2d_forward = CONV.forward((4, 2, 6, 7), weight=4)
test_conv2d_backward = CONV.backward((4, 2, 6, 7), weight=5)
test_conv2d_parameter_grads = CONV.parameter_grads((4, 2, 6, 7), weight=5)
test_conv2d_padding = PADDED.both((4, 2, 5, 6), title="with padding", weight=4)
