"""Training: one loop for every week, predictions in batches, accuracy."""

from __future__ import annotations

import sys
from typing import Protocol

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


class Optimizer(Protocol):
    """What `fit` needs of an optimizer: `step` moves every parameter once."""

    def step(self) -> None: ...


class Loss(Protocol):
    """What `fit` needs of a loss: its value for a batch, then the gradient of its input."""

    def forward(self, input: Array, target: Array) -> float: ...

    def backward(self) -> Array: ...


class GradientDescent:
    """data ← data - lr · grad, for every parameter with a gradient.

    Args:
        model: its parameters are moved.
        lr: step size.
    """

    def __init__(self, model: Module, lr: float) -> None:
        self.parameters = model.parameters()
        self.lr = lr

    def step(self) -> None:
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.data -= self.lr * parameter.grad


def fit(
    model: Module,
    loss: Loss,
    x: Array,
    y: Array,
    *,
    epochs: int,
    lr: float | None = None,
    batch_size: int = 32,
    rng: np.random.Generator,
    optimizer: Optimizer | None = None,
    progress: bool = False,
) -> dict[str, list[float]]:
    """Train `model` on batches in random order.

    Args:
        model: maps a batch of x to what `loss` takes. Its parameters change.
        loss: `forward(output, target)` and `backward()`, with reduction "mean".
        x: samples, shape (N, …).
        y: targets, shape (N, …).
        epochs: how often every sample is seen.
        lr: step size of plain gradient descent, which moves the parameters if no optimizer
            is given. An optimizer has its own.
        batch_size: samples per step; the last batch of an epoch may be smaller.
        rng: shuffles the samples; the same state gives the same run.
        optimizer: its `step()` moves the parameters.
        progress: draw a bar on stderr.
    Returns:
        {"loss": […]}: per epoch, the mean over the samples of the loss while training.
    Raises:
        ValueError: x and y differ in length or are empty, batch_size is below 1, or there
            is neither lr nor optimizer.
    """
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"{len(x)} samples and {len(y)} targets: not alike, or none")
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    if optimizer is None:
        if lr is None:
            raise ValueError("give a step size `lr` or an optimizer")
        optimizer = GradientDescent(model, lr)
    was_training = model.training
    model.train()
    history: dict[str, list[float]] = {"loss": []}
    try:
        for epoch in range(epochs):
            history["loss"].append(_epoch(model, loss, x, y, batch_size, rng, optimizer))
            if progress:
                _draw(epoch + 1, epochs, history["loss"][-1])
    finally:
        model.train(was_training)
    return history


def _epoch(
    model: Module,
    loss: Loss,
    x: Array,
    y: Array,
    batch_size: int,
    rng: np.random.Generator,
    optimizer: Optimizer,
) -> float:
    """One pass over all samples; returns their mean loss."""
    order = rng.permutation(len(x))
    total = 0.0
    for start in range(0, len(x), batch_size):
        batch = order[start : start + batch_size]
        model.zero_grad()
        total += float(loss.forward(model.forward(x[batch]), y[batch])) * len(batch)
        model.backward(loss.backward())
        optimizer.step()
    return total / len(x)


def _draw(done: int, epochs: int, loss: float) -> None:
    """A bar that redraws itself in a terminal, and one line per epoch in a file or pipe."""
    bar = "#" * round(20 * done / epochs)
    redraw = sys.stderr.isatty() and done < epochs
    text = f"[{bar:20}] epoch {done}/{epochs}, loss {loss:.4f}"
    print(text, end="\r" if redraw else "\n", file=sys.stderr, flush=True)


def predict(model: Module, x: Array, batch_size: int = 256) -> Array:
    """The model's outputs for all samples, computed in evaluation mode, batch by batch.

    Args:
        model: maps (B, …) to (B, …). It is left in the mode in which it was.
        x: samples, shape (N, …), N at least 1.
        batch_size: how many samples are in memory at once.
    Returns:
        Outputs, shape (N, …).
    """
    was_training = model.training
    model.eval()
    try:
        batches = (x[start : start + batch_size] for start in range(0, len(x), batch_size))
        return np.concatenate([model.forward(batch) for batch in batches])
    finally:
        model.train(was_training)


def accuracy(logits: Array, y: Array) -> float:
    """The share of samples whose largest output is at the right class.

    Args:
        logits: scores or probabilities, shape (N, K).
        y: the right classes, shape (N,).
    Returns:
        From 0 to 1.
    Raises:
        ValueError: a shape is another one.
    """
    require_shape("logits", logits, ("N", "K"))
    require_shape("y", y, logits.shape[:1])
    return float((logits.argmax(axis=1) == y).mean())
