"""The library against torch: forward and backward of every class, on one thread, in float64.

Both sides get the same values, keep what backward needs, add to the gradients of the parameters
and make a new gradient of the input.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from given.module import Module, Parameter
from week_1.activations import ReLU, Sigmoid, Softmax, Tanh
from week_1.linear import Linear
from week_1.losses import BCELoss, CrossEntropyLoss
from week_2.conv import Conv2d
from week_2.flatten import Flatten
from week_2.pooling import MaxPool2d
from week_3.dropout import Dropout
from week_3.embedding import Embedding
from week_3.optim import SGD, Adam
from week_3.positional_encoding import PositionalEncoding
from week_4.rnn import RNN
from week_5.normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from week_5.residual import ResidualBlock
from week_6.attention import ScaledDotProductAttention

from bench.measure import Row, alternate, elapsed

TIMES = 31
SHORTEST = 0.002  # seconds that one measurement takes at least
Call = Callable[[], object]
RNG = np.random.default_rng(0)


@dataclass(frozen=True)
class Case:
    """A class, a training step of ours and of torch's, and the limit if it has one of its own."""

    name: str
    ours: Call
    theirs: Call
    limit: float = math.inf


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
        return x + self.inner(x)


def cases() -> list[Case]:
    """Every class of weeks 1 to 6 that has a counterpart in torch."""
    nn, wide, image = torch.nn, (256, 512), (16, 8, 28, 28)
    sequence = (32, 50, 64)
    return [
        *(layer(ours(), theirs(), wide) for ours, theirs in (
            (ReLU, nn.ReLU), (Sigmoid, nn.Sigmoid), (Tanh, nn.Tanh))),
        layer(Softmax(), nn.Softmax(dim=-1), wide),
        loss(CrossEntropyLoss(), nn.CrossEntropyLoss(), RNG.standard_normal((256, 100)),
             RNG.integers(100, size=256)),
        loss(BCELoss(), nn.BCELoss(), RNG.uniform(size=(256, 100)), RNG.uniform(size=(256, 100))),
        layer(Linear(512, 256), nn.Linear(512, 256), wide),
        layer(Conv2d(8, 16, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1), image, 4),
        layer(MaxPool2d(2), nn.MaxPool2d(2), image),
        layer(Flatten(), nn.Flatten(), image),
        optimizer("SGD", lambda p: SGD(p, 0.01, momentum=0.9),
                  lambda p: torch.optim.SGD(p, 0.01, momentum=0.9)),
        optimizer("Adam", lambda p: Adam(p, 0.001), lambda p: torch.optim.Adam(p, 0.001), 3),
        layer(Dropout(0.5), nn.Dropout(0.5), wide),
        embedding(),
        layer(PositionalEncoding(64), AddTable(PositionalEncoding(64).pe), sequence),
        rnn(),
        layer(BatchNorm1d(512), nn.BatchNorm1d(512), wide, 3),
        layer(BatchNorm2d(8), nn.BatchNorm2d(8), image, 3),
        layer(LayerNorm(64), nn.LayerNorm(64), sequence, 3),
        layer(ResidualBlock(Linear(512, 512)), Residual(nn.Linear(512, 512)), wide),
        attention(),
    ]  # fmt: skip


def layer(
    ours: Module, theirs: torch.nn.Module, shape: tuple[int, ...], limit: float = math.inf
) -> Case:
    """A module with one input and one output."""
    theirs.double()
    x = RNG.standard_normal(shape)
    leaf = torch.tensor(x, requires_grad=True)
    grad = RNG.standard_normal(tuple(theirs(leaf).shape))
    upstream = torch.tensor(grad)

    def torch_step() -> None:
        leaf.grad = None
        theirs(leaf).backward(upstream)

    return Case(
        type(ours).__name__, lambda: (ours.forward(x), ours.backward(grad)), torch_step, limit
    )


def loss(ours: Module, theirs: torch.nn.Module, x: Any, target: Any) -> Case:
    leaf, targets = torch.tensor(x, requires_grad=True), torch.tensor(target)

    def torch_step() -> None:
        leaf.grad = None
        theirs(leaf, targets).backward()

    name = type(ours).__name__
    return Case(name, lambda: (ours.forward(x, target), ours.backward(1.0)), torch_step)


def optimizer(
    name: str, ours: Callable[[Any], Any], theirs: Callable[[Any], Any], limit: float = math.inf
) -> Case:
    """A step on the parameters of three linear layers."""
    shapes = [(256, 256), (256,)] * 3
    parameters = [Parameter(RNG.standard_normal(shape)) for shape in shapes]
    tensors = [torch.nn.Parameter(torch.tensor(p.data.copy())) for p in parameters]
    for parameter, tensor in zip(parameters, tensors, strict=True):
        parameter.grad = RNG.standard_normal(parameter.data.shape)
        tensor.grad = torch.tensor(parameter.grad)
    return Case(name, ours(parameters).step, theirs(tensors).step, limit)


def embedding() -> Case:
    ours, theirs = Embedding(2000, 64), torch.nn.Embedding(2000, 64).double()
    ids = RNG.integers(2000, size=(32, 50))
    grad = RNG.standard_normal((32, 50, 64))
    indices, upstream = torch.tensor(ids), torch.tensor(grad)
    return Case(
        "Embedding",
        lambda: (ours.forward(ids), ours.backward(grad)),
        lambda: theirs(indices).backward(upstream),
        3,
    )


def rnn() -> Case:
    ours, theirs = RNN(64, 128), torch.nn.RNN(64, 128, batch_first=True).double()
    x, grad = RNG.standard_normal((32, 50, 64)), RNG.standard_normal((32, 50, 128))
    leaf, upstream = torch.tensor(x, requires_grad=True), torch.tensor(grad)

    def torch_step() -> None:
        leaf.grad = None
        theirs(leaf)[0].backward(upstream)

    return Case("RNN", lambda: (ours.forward(x), ours.backward(grad)), torch_step, 1)


def attention() -> Case:
    ours, shape = ScaledDotProductAttention(), (8, 4, 64, 32)
    inputs = [RNG.standard_normal(shape) for _ in range(3)]
    leaves = [torch.tensor(value, requires_grad=True) for value in inputs]
    grad = RNG.standard_normal(shape)
    upstream = torch.tensor(grad)

    def torch_step() -> None:
        for leaf in leaves:
            leaf.grad = None
        torch.nn.functional.scaled_dot_product_attention(*leaves).backward(upstream)

    name = "ScaledDotProductAttention"
    return Case(name, lambda: (ours.forward(*inputs), ours.backward(grad)), torch_step, 3)


def rows() -> list[Row]:
    """A row for each class, and one for the geometric mean of their ratios."""
    torch.set_num_threads(1)
    found = [measured(case) for case in cases()]
    mean = statistics.geometric_mean(row.value for row in found)
    total = Row("(c) geometric mean of these classes", math.nan, math.nan, 2.5, "ms", ratio=mean)
    return [*found, total]


def measured(case: Case) -> Row:
    """The medians of many interleaved measurements, each of enough repetitions to be told."""
    once = max(min(elapsed(case.theirs) for _ in range(5)), 1e-7)
    repeats = max(1, math.ceil(SHORTEST / once))
    ours, theirs = alternate(
        lambda: [case.ours() for _ in range(repeats)],
        lambda: [case.theirs() for _ in range(repeats)],
        elapsed,
        TIMES,
    )
    scale = 1000 / repeats
    return Row(f"(c) {case.name}", ours * scale, theirs * scale, case.limit, "ms")
