"""Probes of a layer: all that it gives for small whole numbers, in one case."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.layers.contract import Contract
from autograder.layers.gradients import input_gradients
from autograder.probes.probe import Observer, Probe, Scene
from autograder.sandbox.remote import Remote

if TYPE_CHECKING:
    from autograder.layers.layer import Layer

Array = NDArray[Any]
Shape = tuple[int, ...]

GRADIENT = "gradient of the input"
STEP = 1e-5  # of a central difference
CLOSE = 1e-4  # relative to the largest entry
MOST = 8  # entries that are moved one by one


def probes(layer: Layer, *shapes: Shape) -> list[Probe]:
    """A probe for each shape of the input."""
    return [
        Probe(layer.name, f"{layer.call}, x of shape {shape}", partial(run, layer, shape))
        for shape in shapes
    ]


def run(layer: Layer, shape: Shape, scene: Scene) -> None:
    """Output, all gradients, and that a second backward adds to those of the parameters."""
    contract = Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)
    parameters, inputs = contract.draw_parameters(layer), layer.inputs(scene.rng, shape)
    grad_out = contract.upstream(layer, parameters, inputs)
    expected = contract.expect(layer, parameters, inputs, grad_out)
    instance = contract.make(layer, parameters)
    output = instance.forward(*inputs)
    scene.parity("output", output, expected.output)
    got = instance.backward(grad_out)
    input_gradients(scene.parity, GRADIENT, got, expected)
    for when, times in (("", 1.0), (" after a second backward", 2.0)):
        for name in parameters:
            wanted = times * getattr(expected, f"grad_{name}")
            scene.parity(f"gradient of {name}{when}", instance.read(f"{name}.grad"), wanted)
        if parameters and not when:
            instance.forward(*inputs)
            instance.backward(grad_out)
    wrong = scene.parity.evidence
    if scene.parity.inquires and "output" in wrong and GRADIENT in wrong:
        excuse(scene.parity, instance, inputs, np.asarray(grad_out), got)


def excuse(
    parity: Observer, instance: Remote, inputs: list[Array], grad_out: Array, got: Any
) -> None:
    """A gradient that is that of the submission's own forward is no fault of backward."""
    x, *rest = inputs
    excuse_gradient(
        parity, GRADIENT, lambda moved: instance.forward(moved, *rest), x, grad_out, got
    )


def excuse_gradient(
    parity: Observer,
    label: str,
    forward: Callable[[Array], Any],
    x: Array,
    grad_out: Array,
    got: Any,
) -> None:
    """The same for one of several inputs: `forward` takes this one alone."""
    if x.dtype.kind != "f" or x.size > MOST or getattr(got, "shape", None) != x.shape:
        return
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        ends = []
        for step in (STEP, -STEP):
            moved = x.copy()
            moved[place] += step
            ends.append(np.asarray(forward(moved)))
        if ends[0].shape != grad_out.shape or ends[0].dtype.kind != "f":
            return
        slopes[place] = ((ends[0] - ends[1]) * grad_out).sum() / (2 * STEP)
    scale = np.abs(slopes).max(initial=0.0)
    if np.isfinite(slopes).all():
        near = np.abs(slopes - got) <= CLOSE * max(scale, 1e-6)
        parity.excuse(label, bool(near.all()))
