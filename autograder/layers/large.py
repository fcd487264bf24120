"""Gradients of a large input: where differences of one's own forward don't end in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.parity.compare import Parity

if TYPE_CHECKING:
    from autograder.layers.contract import Contract
    from autograder.layers.layer import Layer

Array = NDArray[Any]
Shape = tuple[int, ...]
PICKED = 200  # entries of each gradient that are compared: evidence and cache stay small


def large_backward(contract: Contract, layer: Layer, shape: Shape) -> None:
    """The gradients of the input and of the parameters, in entries that nobody knows before."""
    rng = contract.rng
    parameters, inputs = contract.draw_parameters(layer), layer.inputs(rng, shape)
    # two examples tell the shape of the output without computing all of it
    grad_out = contract.upstream(layer, parameters, [value[:2] for value in inputs])
    if isinstance(grad_out, np.ndarray):
        grad_out = rng.standard_normal((len(inputs[0]), *grad_out.shape[1:]))
    shapes = {"input": shape} | {name: value.shape for name, value in parameters.items()}
    picked = {f"grad_{n}": rng.integers(np.prod(s), size=PICKED) for n, s in shapes.items()}
    expected = contract.expect(layer, parameters, inputs, grad_out, picked=picked)
    instance = contract.later(contract.worker.together(), layer, parameters)
    instance.make("forward", *inputs)  # nobody needs it on this side
    got = {"input": instance.backward(grad_out)}
    got |= {name: instance.read(f"{name}.grad") for name in parameters}
    for name, later in got.items():
        key, label = f"grad_{name}", f"gradient of {'the input' if name == 'input' else name}"
        wanted = getattr(expected, key)
        entries(contract.parity, label, later.value, shapes[name], picked[key], wanted)


def entries(
    parity: Parity, label: str, got: Any, shape: Shape, places: Array, expected: Array
) -> None:
    """Compare the entries at these places, counted in row-major order."""
    values = parity.array(label, got, shape, str(expected.dtype))
    parity(f"some entries of the {label}", values.reshape(-1)[places], expected)
