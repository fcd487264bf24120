"""What a layer must refuse: inputs and gradients of a wrong shape, and those alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from autograder.layers.gradients import input_gradients

if TYPE_CHECKING:
    from autograder.layers.contract import Contract
    from autograder.layers.layer import Layer

Shape = tuple[int, ...]


def wrong_shape(
    contract: Contract, layer: Layer, *shapes: Shape, right: Shape | None = None
) -> None:
    """Inputs of these shapes raise. Of an input of the right one, so does every grad_out
    that NumPy would broadcast or regroup, and one of the output's shape is taken."""
    for shape in shapes:
        instance = contract.make(layer, contract.draw_parameters(layer))
        inputs = layer.inputs(contract.rng, shape)
        contract.refuses(f"an input of shape {shape}", partial(instance.forward, *inputs))
    if right is not None:
        wrong_gradients(contract, layer, right)


def wrong_gradients(contract: Contract, layer: Layer, shape: Shape) -> None:
    """A grad_out of another shape than the output raises, and leaves the parameters' gradients
    alone; the right one is taken after that."""
    parameters, inputs = contract.draw_parameters(layer), layer.inputs(contract.rng, shape)
    grad_out = contract.upstream(layer, parameters, inputs)
    expected = contract.expect(layer, parameters, inputs, grad_out)
    instance = contract.make(layer, parameters)
    contract.parity("output", instance.forward(*inputs), expected.output)
    for other in unlike(expected.output.shape):
        call = partial(instance.backward, contract.rng.standard_normal(other))
        contract.parity.refuses(f"a grad_out of shape {other}", call)
    for name, values in parameters.items():
        label, got = f"gradient of {name}, after refusals", instance.read(f"{name}.grad")
        contract.parity(label, got, np.zeros_like(values), trivial=True)
    grad = instance.backward(grad_out)
    input_gradients(contract.parity, "gradient of the input", grad, expected)


def unlike(shape: Shape) -> list[Shape]:
    """Shapes that NumPy would broadcast or reshape to this one without a word.

    What takes one without its first axis takes one where that is 1, and what takes a flat one
    takes one with an axis too many.
    """
    short = [(*shape[:axis], 1, *shape[axis + 1 :]) for axis in range(len(shape))]
    others = [*short, shape[::-1], (1, *shape)]
    return [other for other in dict.fromkeys(others) if other != shape]
