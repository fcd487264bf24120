"""Probes of a layer: all that it gives for small whole numbers, in one case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.layers.arrays import shape_of
from autograder.layers.contract import Contract
from autograder.layers.gradients import input_gradients
from autograder.layers.promising import extreme
from autograder.probes.probe import Observer, Probe, Scene
from autograder.sandbox.remote import Remote

if TYPE_CHECKING:
    from autograder.layers.layer import Layer

Array = NDArray[Any]
Shape = tuple[int, ...]

GRADIENT = "gradient of the input"
STEP = 1e-5  # of a central difference
CLOSE = 1e-4  # relative to the terms of the sum that it comes to
DIRECTIONS = 3  # in which all of the input is moved: a wrong gradient fits none but by chance


def probes(layer: Layer, *shapes: Shape) -> list[Probe]:
    """A probe for each shape of the input."""
    return [
        Probe(layer.name, f"{layer.call}, x of shape {shape}", partial(run, layer, shape))
        for shape in shapes
    ]


def probe(layer: Layer, x: Any, target: Any = None) -> Probe:
    """A probe for this input, and this target of a loss."""
    inputs, title = written(layer, x, target)
    fixed = replace(layer, draw=lambda _, __: inputs[0], draw_target=None)
    if target is not None:
        fixed = replace(fixed, draw_target=lambda _, __: inputs[1])
    return Probe(layer.name, title, partial(run, fixed, inputs[0].shape))


def extreme_probe(layer: Layer, x: Any, target: Any = None) -> Probe:
    inputs, title = written(layer, x, target)
    return Probe(layer.name, title, partial(extreme, layer, inputs))


def written(layer: Layer, x: Any, target: Any) -> tuple[list[Array], str]:
    """The arrays, and a title in which they stand."""
    if target is None:
        return [np.array(x, float)], f"{layer.call}, x = {x}"
    return [np.array(x, float), np.array(target)], f"{layer.call}, input = {x}, target = {target}"


def run(layer: Layer, shape: Shape, scene: Scene) -> None:
    """Output, all gradients, and that a second backward adds to those of the parameters."""
    contract = Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)
    parameters, inputs = contract.draw_parameters(layer), layer.inputs(scene.rng, shape)
    grad_out = contract.upstream(layer, parameters, inputs)
    expected = contract.expect(layer, parameters, inputs, grad_out)
    instance = contract.make(layer, parameters)
    output = instance.forward(*inputs)
    scene.parity("output", output, expected.output)
    if shape_of(output) != np.shape(grad_out):  # what backward makes of grad_out tells nothing then
        return
    got = instance.backward(grad_out)
    input_gradients(scene.parity, GRADIENT, got, expected)
    for when, times in (("", 1.0), (" after a second backward", 2.0)):
        for name in parameters:
            wanted = times * getattr(expected, f"grad_{name}")
            scene.parity(f"gradient of {name}{when}", instance.read(f"{name}.grad"), wanted)
        if parameters and not when:
            instance.forward(*inputs)
            instance.backward(grad_out)
    if scene.parity.inquires:
        excuse_gradients(scene.parity, instance, inputs, np.asarray(grad_out), got)


def excuse_gradients(
    parity: Observer, instance: Remote, inputs: list[Array], grad_out: Array, got: Any
) -> None:
    """Those of all inputs that have one: what backward returned, or its parts."""
    places = [place for place, x in enumerate(inputs) if x.dtype.kind == "f"]
    several = len(places) > 1
    parts = got if isinstance(got, (tuple, list)) else [got]
    for number, (place, part) in enumerate(zip(places, parts, strict=False), start=1):
        label = f"{GRADIENT} {number}" if several else GRADIENT
        if label in parity.evidence:
            forward = partial(call_with, instance, inputs, place)
            excuse_gradient(parity, label, forward, inputs[place], grad_out, part)


def call_with(instance: Remote, inputs: list[Array], place: int, x: Array) -> Any:
    return instance.forward(*inputs[:place], x, *inputs[place + 1 :])


def excuse_gradient(
    parity: Observer,
    label: str,
    forward: Callable[[Array], Any],
    x: Array,
    grad_out: Array,
    got: Any,
) -> None:
    """A gradient that is that of the submission's own forward is no fault of backward.

    Args:
        forward: the submission's output as a function of this one input alone.
    """
    if x.dtype.kind != "f" or not isinstance(got, np.ndarray) or got.shape != x.shape:
        return  # what another object calls its shape is no array to compute with
    rng = np.random.default_rng(x.size)
    ways = [rng.standard_normal(x.shape) for _ in range(DIRECTIONS)]
    slopes = [slope(forward, x, way, grad_out) for way in ways]
    if None not in slopes:
        parity.excuse(label, all(map(partial(follows, got), ways, slopes)))


def slope(forward: Callable[[Array], Any], x: Array, way: Array, grad_out: Array) -> float | None:
    """How the loss moves when all of the input is moved this way; None if nobody can say."""
    ends = [np.asarray(forward(x + step * way)) for step in (STEP, -STEP)]
    if any(end.shape != grad_out.shape or end.dtype.kind != "f" for end in ends):
        return None
    with np.errstate(all="ignore"):
        found = float(((ends[0] - ends[1]) * grad_out).sum() / (2 * STEP))
    return found if np.isfinite(found) else None


def follows(got: Array, way: Array, slope: float) -> bool:
    """Whether the gradient says the same."""
    with np.errstate(all="ignore"):
        terms = got * way
        return bool(abs(slope - terms.sum()) <= CLOSE * max(np.abs(terms).sum(), 1e-6))
