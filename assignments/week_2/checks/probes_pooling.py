"""Small cases of MaxPool2d: from one pixel up, every option, ties, and negative images."""

from dataclasses import replace
from functools import partial

import numpy as np

from autograder.layers import Layer, Probe


def pool(kernel, **options):
    return Layer("pooling", "MaxPool2d", (kernel,), options)


def ties(layer):
    return replace(layer, draw=lambda rng, shape: rng.integers(-1, 2, shape).astype(float))


def below(layer):
    """Negative numbers only: a padding of zeros would be a maximum."""
    return replace(layer, draw=lambda rng, shape: rng.standard_normal(shape) - 9)


def refused(what, options, scene):
    def pooled():
        return scene.student.pooling.MaxPool2d(**options).forward(np.ones((1, 1, 4, 4)))

    scene.parity.refuses(what, pooled)


def invalid(what, *choices):
    return [
        Probe("MaxPool2d", f"MaxPool2d, {options}", partial(refused, what, options))
        for options in choices
    ]


PROBES = [
    pool(1).probe([[[[-3]]]]),
    pool((1, 2)).probe([[[[1, 3]]]]),
    pool((1, 2)).probe([[[[3, 1]]]]),
    pool((1, 2)).probe([[[[-3, -1]]]]),
    pool((1, 2)).probe([[[[2, 2]]]]),
    pool((2, 1)).probe([[[[1], [2]]]]),
    pool((2, 1)).probe([[[[0], [0]]]]),
    pool((1, 2)).probe([[[[1, 3, 2]]]]),
    pool((1, 2), stride=1).probe([[[[1, 3, 2]]]]),
    pool(2).probe([[[[1, 2], [3, 0]]]]),
    pool(2).probe([[[[1, 5], [5, 5]]]]),
    pool(1, stride=2).probe([[[[1, 2, 3]]]]),
    pool(2, padding=1).probe([[[[-2]]]]),
    pool(3, stride=1, padding=1).probe([[[[4, 4]]]]),
    *pool((2, 1)).probes((2, 1, 2, 1), (1, 2, 2, 1)),
    *pool(2).probes((1, 1, 4, 4), (2, 3, 4, 5)),
    *pool((2, 3)).probes((2, 1, 4, 6), (1, 2, 5, 7)),
    *pool(2, stride=1).probes((1, 1, 3, 3), (2, 2, 3, 4)),
    *pool(3, stride=2).probes((2, 2, 5, 7)),
    *pool(2, stride=(1, 2)).probes((1, 2, 4, 5)),
    *pool((3, 2), stride=(2, 3), padding=(1, 0)).probes((2, 1, 4, 5)),
    *pool((2, 4), stride=(1, 2), padding=(1, 2)).probes((2, 2, 2, 4)),
    *below(pool(2, padding=1)).probes((1, 1, 2, 2)),
    *below(pool((2, 3), stride=(1, 2), padding=(1, 0))).probes((2, 2, 2, 5)),
    *(pool(2, padding=1).probe(x) for x in ([[[[-3e7]]]], [[[[-1e38, -2e38]]]])),
    *ties(pool(2, stride=1)).probes((2, 2, 4, 4)),
    *ties(pool(3)).probes((1, 2, 6, 6)),
    *pool(2).promised((1, 2, 4, 2), (2, 1, 2, 4), refused=[(1, 1, 1, 2), (2, 2, 2)]),
    *pool(3, stride=1, padding=1).promised((1, 1, 2, 3), (2, 2, 3, 2), refused=[(2, 3, 3)]),
    *invalid(
        "arguments that make no sense",
        {"kernel_size": 0},
        {"kernel_size": 2, "stride": 0},
        {"kernel_size": 2, "padding": -1},
    ),
    *invalid(
        "a padding of more than half the kernel",
        {"kernel_size": 2, "padding": 2},
        {"kernel_size": (3, 2), "padding": (2, 0)},
        {"kernel_size": (2, 3), "padding": (0, 2)},
        {"kernel_size": (4, 2), "padding": (0, 2)},
        {"kernel_size": (2, 5), "padding": (2, 1)},
    ),
]
