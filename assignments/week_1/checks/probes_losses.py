"""Small cases of CrossEntropyLoss and BCELoss, from one row up."""

from dataclasses import replace
from functools import partial

import numpy as np

from autograder.layers import Layer, Probe, run_probe


def classes(rng, shape):
    return rng.integers(shape[1], size=shape[0])


def probabilities(rng, shape):
    return rng.uniform(0, 1, shape)


def outcomes(rng, shape):
    return rng.integers(0, 2, shape).astype(float)


CROSS_ENTROPY = Layer("losses", "CrossEntropyLoss", draw_target=classes)
CROSS_ENTROPY_SUM = replace(CROSS_ENTROPY, options={"reduction": "sum"})
BCE = Layer("losses", "BCELoss", draw=probabilities, draw_target=outcomes)
BCE_SOFT = replace(BCE, draw_target=probabilities)
CROSS_ENTROPY_MEAN = replace(CROSS_ENTROPY, options={"reduction": "mean"})
BCE_MEAN = replace(BCE, options={"reduction": "mean"})
BCE_SUM = replace(BCE_SOFT, options={"reduction": "sum"})

LOG_2 = 0.6931471805599453


def alone(name, x, target, gradient, scene):
    """backward without an argument, where the loss is log 2."""
    loss = getattr(scene.student.losses, name)()
    scene.parity("output", loss.forward(np.array(x), np.array(target)), LOG_2)
    scene.parity("gradient of the input", loss.backward(), np.array(gradient))


def plain(name, *case):
    return Probe(name, f"{name}(), backward() without an argument", partial(alone, name, *case))


def refused(name, label, inputs, scene):
    loss = getattr(scene.student.losses, name)()
    for array, target in inputs:
        scene.parity.refuses(label, partial(loss.forward, np.array(array), np.array(target)))


def reduction(name, scene):
    make = getattr(scene.student.losses, name)
    scene.parity.refuses("an unknown reduction", partial(make, reduction="median"))


def narrow(dtype):
    """Targets of another integer type than NumPy's own."""
    layer = replace(CROSS_ENTROPY, draw_target=lambda *args: classes(*args).astype(dtype))
    return Probe(
        layer.name, f"{layer.call}, a target of {dtype}", partial(run_probe, layer, (3, 2))
    )


def refusals(name, title, label, *inputs):
    return Probe(name, f"{name}(), {title}", partial(refused, name, label, inputs))


ROW = [[0.0, 1.0]]
PROBES = [
    plain("CrossEntropyLoss", [[0.0, 0.0]], [0], [[-0.5, 0.5]]),
    CROSS_ENTROPY.probe([[0, 0]], [0]),
    CROSS_ENTROPY.probe([[0, 1]], [0]),
    CROSS_ENTROPY.probe([[0, 1]], [1]),
    CROSS_ENTROPY.probe([[0, 0], [0, 1]], [0, 1]),
    *CROSS_ENTROPY.probes((1, 3), (2, 2), (2, 3), (4, 3), (3, 4)),
    CROSS_ENTROPY_SUM.probe([[0, 0], [0, 1]], [0, 1]),
    *CROSS_ENTROPY_SUM.probes((1, 2), (4, 3)),
    *CROSS_ENTROPY_MEAN.probes((3, 2)),
    CROSS_ENTROPY.extreme_probe([[0, 60]], [0]),
    CROSS_ENTROPY.extreme_probe([[90, 0, 1]], [1]),
    CROSS_ENTROPY.extreme_probe([[0, 900]], [0]),
    CROSS_ENTROPY.extreme_probe([[-800, -800], [0, 1]], [1, 0]),
    CROSS_ENTROPY.extreme_probe([[1000, 1000], [-900, 900]], [1, 0]),
    narrow("int32"),
    narrow("uint8"),
    *CROSS_ENTROPY.promised((2, 3), (4, 2)),
    *CROSS_ENTROPY.promised((3, 2), (1, 4)),
    refusals("CrossEntropyLoss", "a target of -1", "a target that is no class", (ROW, [-1])),
    refusals("CrossEntropyLoss", "a target of 2", "a target that is no class", (ROW, [2])),
    refusals("CrossEntropyLoss", "a target of 0.5", "a target that is no integer", (ROW, [0.5])),
    refusals("CrossEntropyLoss", "two targets", "targets of another shape", (ROW, [0, 1])),
    refusals("CrossEntropyLoss", "a column", "targets of another shape", (ROW * 2, [[0], [1]])),
    Probe(
        "CrossEntropyLoss",
        'CrossEntropyLoss(reduction="median")',
        partial(reduction, "CrossEntropyLoss"),
    ),
    plain("BCELoss", [0.5], [1.0], [-2.0]),
    BCE.probe([0.5], [1.0]),
    BCE.probe([0.5], [0.0]),
    BCE.probe([0.25], [1.0]),
    BCE.probe([0.25], [0.0]),
    BCE.probe([0.25, 0.5], [1.0, 0.0]),
    BCE.probe([[0.25, 0.5]], [[0.5, 0.25]]),
    BCE.probe([[0.25], [0.5]], [[0.0], [1.0]]),
    *BCE.probes((2, 3), (3, 2)),
    *BCE_SOFT.probes((2, 2), (4, 3), (2, 1, 3)),
    BCE_SUM.probe([0.25, 0.5], [1.0, 0.0]),
    *BCE_SUM.probes((1, 2), (4, 3)),
    *BCE_MEAN.probes((3, 2)),
    BCE.extreme_probe([0.0], [0.0]),
    BCE.extreme_probe([0.0], [1.0]),
    BCE.extreme_probe([1.0], [0.0]),
    BCE.extreme_probe([1.0, 0.5], [1.0, 1.0]),
    BCE.extreme_probe([1e-30], [1.0]),
    *BCE_SOFT.promised((2, 3), (4, 2)),
    *BCE_SOFT.promised((3, 2), (1, 4)),
    refusals("BCELoss", "p = 1.5", "an input outside [0, 1]", ([1.5], [1.0])),
    refusals("BCELoss", "p = -0.5", "an input outside [0, 1]", ([-0.5], [1.0])),
    refusals("BCELoss", "t = 1.5", "a target outside [0, 1]", ([0.5], [1.5])),
    refusals("BCELoss", "t = -1", "a target outside [0, 1]", ([0.5], [-1.0])),
    refusals(
        "BCELoss",
        "two rows, a target for one",
        "a target of another shape",
        ([[0.5], [0.5]], [[1.0]]),
    ),
    refusals(
        "BCELoss",
        "two columns, a target of one",
        "a target of another shape",
        ([[0.5, 0.5]], [[1.0]]),
    ),
    Probe("BCELoss", 'BCELoss(reduction="median")', partial(reduction, "BCELoss")),
]
