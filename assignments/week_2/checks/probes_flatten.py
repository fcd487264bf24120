"""Small cases of Flatten: from one number up, all axes of different lengths, every pair of axes."""

from functools import partial

import numpy as np

from autograder.layers import Layer, Probe


def flatten(*axes):
    return Layer("flatten", "Flatten", axes)


def refused(axes, scene):
    made = scene.student.flatten.Flatten(*axes)
    scene.parity.refuses("axes that are not there", lambda: made.forward(np.ones((1, 2, 1))))


PROBES = [
    *flatten().probes((1, 1, 1), (1, 2, 1), (2, 1, 2), (1, 2, 2), (2, 1, 2, 2), (2, 3)),
    *flatten().probes((3, 2, 4, 5), (2, 3, 4), (1, 3, 2)),
    *flatten(0).probes((2, 3), (2, 3, 4)),
    *flatten(2).probes((2, 3, 4), (2, 3, 2, 4)),
    *flatten(-2).probes(
        (2, 3, 4, 2),
    ),
    *flatten(0, 1).probes((2, 3, 4)),
    *flatten(1, 2).probes((2, 3, 2, 4)),
    *flatten(0, -2).probes((2, 3, 4)),
    *flatten(1, 1).probes((2, 3, 4)),
    *flatten(-1).probes((2, 3, 4)),
    *flatten(-3, -2).probes((2, 3, 2, 4)),
    *flatten().promised((2, 3, 2), (3, 2, 1, 2)),
    *flatten(0, 1).promised((2, 2, 3), (3, 1, 2)),
    *(
        Probe("Flatten", f"Flatten{axes}, x of shape (1, 2, 1)", partial(refused, axes))
        for axes in ((1, 3), (3, 3), (-4, 1), (2, 1))
    ),
]
