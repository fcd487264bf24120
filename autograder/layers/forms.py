"""What a layer promises whatever its arguments are: each form of a class is asked for all of it."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.layers.arrays import as_float32, strided
from autograder.layers.gradients import input_gradients
from autograder.layers.refusals import unlike
from autograder.sandbox.together import Later

if TYPE_CHECKING:
    from autograder.layers.contract import Contract
    from autograder.layers.layer import Layer

Array = NDArray[Any]
Shape = tuple[int, ...]


def float32(contract: Contract, layer: Layer, shape: Shape, rtol: float | None = None) -> None:
    """float32 in, float32 out: output, gradient of the input and of the parameters."""
    given = draw(contract, layer, shape)
    instance = contract.later(contract.worker.together(), layer, given.parameters)
    output, grad = instance.forward(*given.inputs), instance.backward(given.grad_out)
    grads = {name: instance.read(f"{name}.grad") for name in given.parameters}
    compare, expected = partial(contract.parity, rtol=rtol), given.expected
    compare("output", output.value, as_float32(expected.output))
    label = "gradient of the input"
    input_gradients(contract.parity, label, grad.value, expected, np.float32, rtol)
    for name, array in grads.items():
        compare(f"gradient of {name}", array.value, as_float32(getattr(expected, f"grad_{name}")))


def draw(contract: Contract, layer: Layer, shape: Shape) -> SimpleNamespace:
    """Parameters, inputs and a gradient in float32, and what torch makes of them."""
    parameters = {n: as_float32(v) for n, v in contract.draw_parameters(layer).items()}
    inputs = [as_float32(value) for value in layer.inputs(contract.rng, shape)]
    grad_out = contract.upstream(layer, parameters, inputs)
    grad_out = np.float32(grad_out) if isinstance(grad_out, float) else as_float32(grad_out)
    expected = contract.expect(layer, parameters, inputs, grad_out)
    return SimpleNamespace(
        parameters=parameters, inputs=inputs, grad_out=grad_out, expected=expected
    )


def other_forms(contract: Contract, *pairs: tuple[Layer, Shape], rtol: float | None = None) -> None:
    """Each of these layers keeps all promises for an input of its shape."""
    for layer, shape in pairs:
        contract.parity.case = f"{layer.call}, input {shape}"
        keeps_all(contract, layer, shape, rtol)
    contract.parity.case = ""


def keeps_all(contract: Contract, layer: Layer, shape: Shape, rtol: float | None) -> None:
    """float32 stays float32; arguments are views, and stay as they are; a gradient of another
    shape is an error; a second backward gives the same again, and both add to what was there."""
    given, parity = draw(contract, layer, shape), contract.parity
    compare = partial(parity, rtol=rtol)
    calls, expected = contract.worker.together(), given.expected
    instance = contract.later(calls, layer, given.parameters)
    named = {f"input {i + 1}": strided(value) for i, value in enumerate(given.inputs)}
    named["grad_out"] = strided(np.asarray(given.grad_out))
    kept = {name: calls.keep(value) for name, value in named.items()}
    *inputs, grad_out = kept.values()
    before = earlier_gradients(contract, instance, list(given.parameters), expected)
    output = instance.forward(*inputs)
    wrong = contract.rng.standard_normal(unlike(named["grad_out"].shape)[0])
    attempt = instance.attempt("backward", wrong)
    grads = {when: instance.backward(grad_out) for when in ("", " after a second backward")}
    sums = {name: instance.read(f"{name}.grad") for name in given.parameters}
    afterwards = {name: array.read() for name, array in kept.items()}
    compare("output", output.value, as_float32(expected.output))
    contract.refused(f"a grad_out of shape {wrong.shape}", attempt)
    for when, grad in grads.items():
        label = f"gradient of the input{when}"
        input_gradients(parity, label, grad.value, expected, np.float32, rtol)
    for name, array in sums.items():
        wanted = as_float32(before[name] + 2 * getattr(expected, f"grad_{name}"))
        compare(f"gradient of {name}, of two backwards", array.value, wanted)
    for name, array in afterwards.items():
        parity(f"{name}, afterwards", array.value, named[name], trivial=True)


def earlier_gradients(
    contract: Contract, instance: Later, names: list[str], expected: SimpleNamespace
) -> dict[str, Array]:
    """Gradients that the parameters have from earlier backwards: what is added to.

    They are drawn, as large as what is added: a submission sees them, and learns nothing from them.
    """
    before = {}
    for name in names:
        own = getattr(expected, f"grad_{name}")
        size = np.sqrt(np.mean(np.square(own)))
        before[name] = as_float32(size * contract.rng.standard_normal(own.shape))
        instance.write(f"{name}.grad", before[name])
    return before
