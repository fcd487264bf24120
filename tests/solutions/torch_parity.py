"""What every layer of weeks 1 and 2 promises, each promise a function of a case and a seed.

A case is a layer, the torch module that it stands for, and inputs that fit both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from comparison import Array, assert_close, numeric_gradient
from given.module import Module

Draw = Callable[[np.random.Generator, tuple[int, ...]], Array]


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.standard_normal(shape)


@dataclass(frozen=True)
class Case:
    """A layer of the course, its counterpart, and how to draw what it takes."""

    layer: Callable[..., Module]
    reference: Callable[..., torch.nn.Module]
    shape: tuple[int, ...]
    args: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    draw: Draw = normal
    draw_target: Draw | None = None  # for losses

    def inputs(self, rng: np.random.Generator) -> list[Array]:
        x = self.draw(rng, self.shape)
        return [x] if self.draw_target is None else [x, self.draw_target(rng, self.shape)]

    def make(self) -> Module:
        return self.layer(*self.args, **self.options)


@dataclass(frozen=True)
class Expected:
    """What torch computes: the output, a random dL/d(output), and the gradients from it."""

    output: Array
    grad_out: Any
    grad_input: Array
    grads: dict[str, Array]


def torch_run(case: Case, layer: Module, inputs: list[Array], rng: np.random.Generator) -> Expected:
    """Run the counterpart with the layer's parameters, in float64."""
    reference = case.reference(*case.args, **case.options).double()
    state = {name: torch.tensor(value) for name, value in layer.state_dict().items()}
    reference.load_state_dict(state)
    x, *target = [torch.tensor(value) for value in inputs]
    x.requires_grad_()
    output = reference(x, *target)
    grad_out = rng.standard_normal(output.shape)
    output.backward(torch.tensor(grad_out))
    return Expected(
        output=output.detach().numpy(),
        grad_out=grad_out if output.ndim else float(grad_out),
        grad_input=x.grad.numpy(),
        grads={name: p.grad.numpy() for name, p in reference.named_parameters()},
    )


def equals_torch(case: Case, rng: np.random.Generator) -> None:
    """Output, gradient of the input, and gradients of all parameters, to 1e-10 relative."""
    layer, inputs = case.make(), case.inputs(rng)
    expected = torch_run(case, layer, inputs, rng)
    assert_close(expected.output, layer.forward(*inputs))
    assert_close(expected.grad_input, layer.backward(expected.grad_out))
    got = {name: parameter.grad for name, parameter in layer.named_parameters()}
    assert expected.grads.keys() == got.keys()
    for name, grad in expected.grads.items():
        assert_close(grad, got[name])


def equals_finite_differences(case: Case, rng: np.random.Generator) -> None:
    """Every gradient is the slope of Σ output · grad_out, measured without torch."""
    layer, inputs = case.make(), case.inputs(rng)
    grad_out = rng.standard_normal(np.shape(layer.forward(*inputs)))

    def loss() -> float:
        return float((layer.forward(*inputs) * grad_out).sum())

    grad_input = layer.backward(grad_out)
    assert_close(numeric_gradient(loss, inputs[0]), grad_input, 1e-6)
    for _, parameter in layer.named_parameters():
        assert_close(numeric_gradient(loss, parameter.data), parameter.grad, 1e-6)


def keeps_float32(case: Case, rng: np.random.Generator) -> None:
    layer = case.make().to(np.float32)
    inputs = [v.astype(np.float32) if v.dtype == np.float64 else v for v in case.inputs(rng)]
    output = layer.forward(*inputs)
    grad_out = rng.standard_normal(np.shape(output)).astype(np.float32)
    assert output.dtype == np.float32
    assert layer.backward(grad_out).dtype == np.float32
    assert all(parameter.grad.dtype == np.float32 for parameter in layer.parameters())


def leaves_inputs_alone(case: Case, rng: np.random.Generator) -> None:
    layer, inputs = case.make(), case.inputs(rng)
    before = [value.copy() for value in inputs]
    output = layer.forward(*inputs)
    kept = np.array(output)
    grad_out = rng.standard_normal(kept.shape)
    grad_before = grad_out.copy()
    layer.backward(grad_out)
    np.testing.assert_array_equal(grad_before, grad_out)
    np.testing.assert_array_equal(kept, output)
    for expected, actual in zip(before, inputs, strict=True):
        np.testing.assert_array_equal(expected, actual)


def can_go_backward_twice(case: Case, rng: np.random.Generator) -> None:
    """The same input gradient again, and parameter gradients that are added up."""
    layer, inputs = case.make(), case.inputs(rng)
    expected = torch_run(case, layer, inputs, rng)
    layer.forward(*inputs)
    for _ in range(2):
        assert_close(expected.grad_input, layer.backward(expected.grad_out))
    for name, parameter in layer.named_parameters():
        assert_close(2 * expected.grads[name], parameter.grad)


def takes_views(case: Case, rng: np.random.Generator) -> None:
    """Arrays in another memory layout: columns first, and every second element."""
    layer, inputs = case.make(), case.inputs(rng)
    expected = torch_run(case, layer, inputs, rng)
    x, *target = inputs
    for view in (np.asfortranarray(x), np.repeat(x, 2, axis=-1)[..., ::2]):
        assert_close(expected.output, layer.forward(view, *target))
        grad_out = expected.grad_out
        if np.ndim(grad_out):
            grad_out = np.repeat(grad_out, 2, axis=-1)[..., ::2]
        assert_close(expected.grad_input, layer.backward(grad_out))


def serves_a_second_shape(case: Case, rng: np.random.Generator) -> None:
    """A larger batch after the first, while another instance works with the first."""
    small = replace(case, shape=(1, *case.shape[1:]))
    one, two = case.make(), small.make()
    two.load_state_dict(one.state_dict())
    first, second = small.inputs(rng), case.inputs(rng)
    expected_first = torch_run(small, two, first, rng)
    expected_second = torch_run(case, one, second, rng)
    one.forward(*first)
    one.backward(expected_first.grad_out)
    assert_close(expected_second.output, one.forward(*second))
    assert_close(expected_first.output, two.forward(*first))
    assert_close(expected_second.grad_input, one.backward(expected_second.grad_out))
    assert_close(expected_first.grad_input, two.backward(expected_first.grad_out))


PROMISES = (
    equals_torch,
    equals_finite_differences,
    keeps_float32,
    leaves_inputs_alone,
    can_go_backward_twice,
    takes_views,
    serves_a_second_shape,
)
