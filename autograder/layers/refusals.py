"""What a layer must refuse: inputs and gradients of a wrong shape, and those alone."""

from __future__ import annotations

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
    calls = contract.worker.together()
    attempts = {}
    for shape in shapes:
        instance = contract.later(calls, layer, contract.draw_parameters(layer))
        attempts[shape] = instance.attempt("forward", *layer.inputs(contract.rng, shape))
    for shape, attempt in attempts.items():
        what = f"an input of shape {shape}"
        contract.refused(what, attempt, "a ValueError that names both shapes")
    if right is not None:
        wrong_gradients(contract, layer, right)


def wrong_gradients(contract: Contract, layer: Layer, shape: Shape) -> None:
    """A grad_out of another shape than the output raises, and leaves the parameters' gradients
    alone; the right one is taken after that."""
    parameters, inputs = contract.draw_parameters(layer), layer.inputs(contract.rng, shape)
    grad_out = contract.upstream(layer, parameters, inputs)
    expected = contract.expect(layer, parameters, inputs, grad_out)
    instance = contract.later(contract.worker.together(), layer, parameters)
    output, draw = instance.forward(*inputs), contract.rng.standard_normal
    others = unlike(expected.output.shape)
    attempts = {other: instance.attempt("backward", draw(other)) for other in others}
    left = {name: instance.read(f"{name}.grad") for name in parameters}
    grad = instance.backward(grad_out)
    contract.parity("output", output.value, expected.output)
    for other, attempt in attempts.items():
        contract.refused(f"a grad_out of shape {other}", attempt)
    for name, array in left.items():
        label, zeros = f"gradient of {name}, after refusals", np.zeros_like(parameters[name])
        contract.parity(label, array.value, zeros, trivial=True)
    input_gradients(contract.parity, "gradient of the input", grad.value, expected)


def unlike(shape: Shape) -> list[Shape]:
    """Shapes that NumPy would broadcast or reshape to this one without a word.

    What takes one without its first axis takes one where that is 1, and what takes a flat one
    takes one with an axis too many.
    """
    short = [(*shape[:axis], 1, *shape[axis + 1 :]) for axis in range(len(shape))]
    others = [*short, shape[::-1], (1, *shape)]
    return [other for other in dict.fromkeys(others) if other != shape]
