"""Small cases of Conv2d: from one pixel up, then every option, with all axes of different sizes."""

from autograder.layers import Layer, Probe


def conv(*args, bias=True, **options):
    """Conv2d(in_channels, out_channels, kernel_size, ...), with the shapes of its parameters."""
    channels, filters, kernel = args
    kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
    shapes = {"weight": (filters, channels, *kernel)} | ({"bias": (filters,)} if bias else {})
    return Layer("conv", "Conv2d", args, options if bias else {"bias": False, **options}, shapes)


def invalid(scene, options):
    arguments = {"in_channels": 1, "out_channels": 1, "kernel_size": 1} | options
    make = scene.student.conv.Conv2d
    scene.parity.refuses("arguments that make no sense", lambda: make(**arguments))


def refused(options):
    return Probe("Conv2d", f"Conv2d, {options}", lambda scene: invalid(scene, options))


PROBES = [
    *conv(1, 1, 1).probes((1, 1, 1, 1), (2, 1, 1, 1), (1, 1, 1, 2)),
    *conv(2, 1, 1).probes((1, 2, 1, 1)),
    *conv(1, 2, 1).probes((1, 1, 1, 1)),
    *conv(1, 1, (1, 2)).probes((1, 1, 1, 2), (1, 1, 1, 3)),
    *conv(1, 1, (2, 1)).probes((1, 1, 2, 1), (1, 1, 3, 1)),
    *conv(1, 1, 2).probes((1, 1, 2, 2), (1, 1, 3, 3)),
    *conv(1, 1, 1, stride=2).probes((1, 1, 1, 3), (1, 1, 4, 4)),
    *conv(1, 1, 1, padding=1).probes((1, 1, 1, 1)),
    *conv(1, 1, 1, padding=(1, 0)).probes((1, 1, 1, 1), (2, 1, 2, 1)),
    *conv(1, 1, 1, padding=(0, 1)).probes((1, 1, 1, 1), (2, 1, 1, 2)),
    *conv(1, 1, 2, padding=1).probes((1, 1, 1, 1), (1, 1, 1, 2)),
    *conv(1, 1, 2, bias=False).probes((1, 1, 2, 2)),
    *conv(2, 2, 2).probes((1, 2, 2, 3), (2, 2, 3, 2)),
    *conv(2, 3, 2).probes((2, 2, 3, 4)),
    *conv(3, 2, (2, 3), bias=False).probes((4, 3, 3, 4)),
    *conv(2, 1, 2, stride=(2, 1)).probes((2, 2, 4, 3)),
    *conv(2, 1, (2, 3), stride=(1, 2), padding=(1, 2)).probes((3, 2, 3, 4)),
    *conv(2, 3, (3, 2), stride=(2, 3), padding=(2, 1)).probes((2, 2, 4, 5)),
    *conv(1, 2, 3, stride=2, padding=1).probes((2, 1, 5, 6)),
    *conv(2, 3, 2).promised(
        (2, 2, 3, 4), (1, 2, 2, 3), refused=[(1, 3, 2, 2), (1, 2, 1, 2), (2, 2, 2)]
    ),
    *conv(1, 2, 2, stride=2, padding=1).promised(
        (1, 1, 2, 3), (2, 1, 3, 2), refused=[(1, 2, 3, 3)]
    ),
    conv(4, 20, 2).initial_probe(16**-0.5),
    conv(5, 60, (1, 3)).initial_probe(15**-0.5),
    *map(refused, ({"kernel_size": 0}, {"stride": 0}, {"padding": -1})),
]
