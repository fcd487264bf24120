"""What a layer must refuse: inputs and gradients of a wrong shape, and those alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    from autograder.layers.contract import Contract
    from autograder.layers.layer import Layer

Array = NDArray[Any]
Shape = tuple[int, ...]
VALUE_ERROR = frozenset({"ValueError"})  # what every handout promises for a wrong gradient


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
        parameters, inputs = contract.draw_parameters(layer), layer.inputs(contract.rng, right)
        wrong_gradients(contract, layer, parameters, inputs)
        contract.both_of(layer, parameters, inputs)


def wrong_gradients(
    contract: Contract, layer: Layer, parameters: Mapping[str, Array], inputs: list[Array]
) -> None:
    """A grad_out of another shape than the output raises."""
    instance = contract.make(layer, parameters)
    for shape in unlike(contract.expect(layer, parameters, inputs).output.shape):
        instance.forward(*inputs)
        call = partial(instance.backward, contract.rng.standard_normal(shape))
        contract.parity.refuses(f"a grad_out of shape {shape}", call, kinds=VALUE_ERROR)


def unlike(shape: Shape) -> list[Shape]:
    """Shapes that NumPy would broadcast or reshape to this one without a word.

    What takes one without its first axis takes one where that is 1, and what takes a flat one
    takes one with an axis too many.
    """
    short = [(*shape[:axis], 1, *shape[axis + 1 :]) for axis in range(len(shape))]
    others = [*short, shape[::-1], (1, *shape)]
    return [other for other in dict.fromkeys(others) if other != shape]
