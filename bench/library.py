"""The library against torch: forward and backward of every class, in two sizes, and a peak."""

from __future__ import annotations

import math
import statistics
import tracemalloc
from collections.abc import Iterator

import torch
from week_1.activations import ReLU, Sigmoid, Softmax, Tanh
from week_1.linear import Linear
from week_1.losses import BCELoss, CrossEntropyLoss
from week_2.conv import Conv2d
from week_2.flatten import Flatten
from week_2.pooling import MaxPool2d
from week_3.dropout import Dropout
from week_3.optim import SGD, Adam
from week_3.positional_encoding import PositionalEncoding
from week_5.normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from week_5.residual import ResidualBlock

from bench.cases import (
    RNG,
    AddTable,
    Case,
    Residual,
    attention,
    embedding,
    encoder_layer,
    layer,
    loss,
    optimizer,
    rnn,
)
from bench.measure import Row, alternate, own_time, reuse_memory

TURNS = (5, 31)  # at least and at most
SHORTEST = 0.002  # seconds that one measurement takes at least
BUDGET = 2.0  # seconds for all measurements of a case, if that leaves the least number of turns
LARGE_IMAGES = (64, 64, 32, 32)


def rows() -> Iterator[Row]:
    """A row for each class, one for the geometric mean of their ratios; then larger sizes."""
    torch.set_num_threads(1)
    ratios = []
    for case in usual():
        row = measured(case, "in the mean")
        ratios.append(row.ratio)
        yield row
    mean = statistics.geometric_mean(ratios)
    yield Row("(c) geometric mean of the above", None, None, mean, 2.5)
    reuse_memory()
    for case in large():
        yield measured(case, "shown, no limit")
    yield peak()


def usual() -> Iterator[Case]:
    """Every class of weeks 1 to 7 that has a counterpart in torch, at the sizes of exercises."""
    nn, wide, image, sequence = torch.nn, (256, 512), (16, 8, 28, 28), (32, 50, 64)
    shapes = [(256, 256), (256,)] * 3
    yield layer(ReLU(), nn.ReLU(), wide)
    yield layer(Sigmoid(), nn.Sigmoid(), wide)
    yield layer(Tanh(), nn.Tanh(), wide)
    yield layer(Softmax(), nn.Softmax(dim=-1), wide)
    logits, classes = RNG.standard_normal((256, 100)), RNG.integers(100, size=256)
    yield loss(CrossEntropyLoss(), nn.CrossEntropyLoss(), logits, classes)
    p, target = RNG.uniform(size=(256, 100)), RNG.uniform(size=(256, 100))
    yield loss(BCELoss(), nn.BCELoss(), p, target)
    yield layer(Linear(512, 256), nn.Linear(512, 256), wide)
    yield layer(Conv2d(8, 16, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1), image, 4)
    yield layer(MaxPool2d(2), nn.MaxPool2d(2), image)
    yield layer(Flatten(), nn.Flatten(), image)
    yield optimizer(
        lambda p: SGD(p, 0.01, momentum=0.9),
        lambda p: torch.optim.SGD(p, 0.01, momentum=0.9),
        shapes,
    )
    yield optimizer(lambda p: Adam(p, 0.001), lambda p: torch.optim.Adam(p, 0.001), shapes, 3)
    yield layer(Dropout(0.5), nn.Dropout(0.5), wide)
    yield embedding(2000, 64, (32, 50))
    yield layer(PositionalEncoding(64), AddTable(PositionalEncoding(64).pe), sequence)
    yield rnn(64, 128, sequence)
    yield layer(BatchNorm1d(512), nn.BatchNorm1d(512), wide, 3)
    yield layer(BatchNorm2d(8), nn.BatchNorm2d(8), image, 3)
    yield layer(LayerNorm(64), nn.LayerNorm(64), sequence, 3)
    yield layer(ResidualBlock(Linear(512, 512)), Residual(nn.Linear(512, 512)), wide)
    yield attention((8, 4, 64, 32))
    yield encoder_layer(128, 4, 512, (16, 64, 128))


def large() -> Iterator[Case]:
    """Sizes at which arrays leave the cache, one case in memory at a time.

    The limits are those of the class. BatchNorm2d and LayerNorm have none here: the reference
    goes through memory several times where torch goes once.
    """
    nn = torch.nn
    yield layer(Linear(1024, 1024), nn.Linear(1024, 1024), (2048, 1024))
    yield layer(Conv2d(64, 64, 3, padding=1), nn.Conv2d(64, 64, 3, padding=1), LARGE_IMAGES, 4)
    yield layer(MaxPool2d(2), nn.MaxPool2d(2), LARGE_IMAGES)
    yield optimizer(
        lambda p: Adam(p, 0.001), lambda p: torch.optim.Adam(p, 0.001), [(1024, 1024)] * 4, 3
    )
    yield embedding(50_000, 256, (64, 128))
    yield rnn(256, 512, (64, 128, 256))
    yield layer(BatchNorm2d(64), nn.BatchNorm2d(64), LARGE_IMAGES)
    yield layer(LayerNorm(512), nn.LayerNorm(512), (64, 128, 512))
    yield attention((8, 8, 256, 64))


def measured(case: Case, note: str) -> Row:
    """The medians of interleaved measurements, each of enough repetitions to be told."""
    once = max(min(own_time(case.theirs) for _ in range(3)), 1e-7)
    repeats = max(1, math.ceil(SHORTEST / once))
    least, most = TURNS
    turns = min(most, max(least, round(BUDGET / (2 * repeats * once))))
    first, second, ratio = alternate(
        lambda: [case.ours() for _ in range(repeats)],
        lambda: [case.theirs() for _ in range(repeats)],
        own_time,
        turns,
    )
    scale = 1000 / repeats
    return Row(case.name, first * scale, second * scale, ratio, case.limit, "ms", note=note)


def peak() -> Row:
    """The most memory that a training step of Conv2d holds beside its input, to that input."""
    conv, x = Conv2d(64, 64, 3, padding=1), RNG.standard_normal(LARGE_IMAGES)
    grad = RNG.standard_normal(LARGE_IMAGES)  # 64 kernels and padding: the shape of the input
    tracemalloc.start()
    conv.forward(x)
    conv.backward(grad)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    mega = 1 << 20
    return Row("Conv2d peak memory : its input", most / mega, x.nbytes / mega, most / x.nbytes,
               unit="MiB")  # fmt: skip
