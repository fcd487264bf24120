"""A training step of ours and the same in torch, for every kind of class.

Both sides get the same values, keep what backward needs, add to the gradients of the parameters
and make a new gradient of the input. All is float64 where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from given.module import Module, Parameter
from week_3.embedding import Embedding
from week_4.rnn import RNN
from week_6.attention import ScaledDotProductAttention
from week_7.encoder import TransformerEncoderLayer

from bench.measure import Work

Shape = tuple[int, ...]
RNG = np.random.default_rng(0)


@dataclass(frozen=True)
class Case:
    """A class and the size of its input, a step of ours and of torch's, and its own limit."""

    name: str
    ours: Work
    theirs: Work
    limit: float | None = None


class AddTable(torch.nn.Module):
    """What PositionalEncoding does, in torch: it adds a constant."""

    def __init__(self, table: Any) -> None:
        super().__init__()
        self.table = torch.tensor(table)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.table[: x.shape[1]]


class Residual(torch.nn.Module):
    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.inner(x)  # type: ignore[no-any-return]


def named(name: str, shape: Shape) -> str:
    return f"{name} {'x'.join(map(str, shape))}"


def layer(
    ours: Module,
    theirs: torch.nn.Module,
    shape: Shape,
    limit: float | None = None,
    dtype: type = np.float64,
) -> Case:
    """A module with one input and one output; torch's RNN has its state as a second one."""
    ours.to(dtype)
    theirs.to(torch.float32 if dtype is np.float32 else torch.float64)
    x = RNG.standard_normal(shape).astype(dtype)
    leaf = torch.tensor(x, requires_grad=True)

    def forward() -> torch.Tensor:
        output = theirs(leaf)
        return output[0] if isinstance(output, tuple) else output

    grad = RNG.standard_normal(tuple(forward().shape)).astype(dtype)
    upstream = torch.tensor(grad)

    def torch_step() -> None:
        leaf.grad = None
        forward().backward(upstream)

    name = named(type(ours).__name__, shape)
    return Case(name, lambda: (ours.forward(x), ours.backward(grad)), torch_step, limit)


def rnn(features: int, hidden: int, shape: Shape) -> Case:
    theirs = torch.nn.RNN(features, hidden, batch_first=True)
    return layer(RNN(features, hidden), theirs, shape, 1)


def encoder_layer(features: int, heads: int, width: int, shape: Shape) -> Case:
    """In float32, as Transformers are trained, and without dropout."""
    args = (features, heads, width, 0.0)
    theirs = torch.nn.TransformerEncoderLayer(*args, batch_first=True)
    return layer(TransformerEncoderLayer(*args), theirs, shape, 1.2, np.float32)


def loss(ours: Module, theirs: torch.nn.Module, x: Any, target: Any) -> Case:
    leaf, targets = torch.tensor(x, requires_grad=True), torch.tensor(target)

    def torch_step() -> None:
        leaf.grad = None
        theirs(leaf, targets).backward()

    name = named(type(ours).__name__, x.shape)
    return Case(name, lambda: (ours.forward(x, target), ours.backward(1.0)), torch_step)


def optimizer(
    ours: Callable[[Any], Any],
    theirs: Callable[[Any], Any],
    shapes: Sequence[Shape],
    limit: float | None = None,
) -> Case:
    """A step on parameters of these shapes."""
    parameters = [Parameter(RNG.standard_normal(shape)) for shape in shapes]
    tensors = [torch.nn.Parameter(torch.tensor(p.data.copy())) for p in parameters]
    for parameter, tensor in zip(parameters, tensors, strict=True):
        parameter.grad = RNG.standard_normal(parameter.data.shape)
        tensor.grad = torch.tensor(parameter.grad)
    mine = ours(parameters)
    count = sum(parameter.data.size for parameter in parameters)
    name = f"{type(mine).__name__} {count:,} parameters"
    return Case(name, mine.step, theirs(tensors).step, limit)


def embedding(words: int, features: int, shape: Shape) -> Case:
    ours, theirs = Embedding(words, features), torch.nn.Embedding(words, features).double()
    ids = RNG.integers(words, size=shape)
    grad = RNG.standard_normal((*shape, features))
    indices, upstream = torch.tensor(ids), torch.tensor(grad)
    return Case(
        named("Embedding", (*shape, features)),
        lambda: (ours.forward(ids), ours.backward(grad)),
        lambda: theirs(indices).backward(upstream),
        3,
    )


def attention(shape: Shape) -> Case:
    ours = ScaledDotProductAttention()
    inputs = [RNG.standard_normal(shape) for _ in range(3)]
    leaves = [torch.tensor(value, requires_grad=True) for value in inputs]
    grad = RNG.standard_normal(shape)
    upstream = torch.tensor(grad)

    def torch_step() -> None:
        for leaf in leaves:
            leaf.grad = None
        torch.nn.functional.scaled_dot_product_attention(*leaves).backward(upstream)

    name = named("ScaledDotProductAttention", shape)
    return Case(name, lambda: (ours.forward(*inputs), ours.backward(grad)), torch_step, 3)
