"""Sequences to learn from another sequence: a model that `fit` can train, and a schedule."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from given.module import Array, Module


class SequenceToSequence(Module):
    """Trains a Transformer with one array: the source and the answer side by side.

    The answer moves one place to the right and begins with `bos_id`: the logits at each position
    are about the token that stands there in the answer, and depend on those before it.

    Args:
        transformer: source (N, S) and target (N, T), ids, to logits (N, T, V).
        places: S, the length of a source.
        bos_id: the token that begins every target.
    """

    def __init__(self, transformer: Module, places: int, bos_id: int) -> None:
        self.transformer, self.places, self.bos_id = transformer, places, bos_id

    def forward(self, ids: Array) -> Array:
        """The logits of every token of the answer.

        Args:
            ids: the source and the answer, shape (N, S + T).
        Returns:
            Shape (N, T, V).
        """
        source, answer = ids[:, : self.places], ids[:, self.places :]
        first = np.full((len(ids), 1), self.bos_id)
        return self.transformer.forward(source, np.concatenate([first, answer[:, :-1]], axis=1))

    def backward(self, grad_out: Array) -> None:
        """Adds to the gradients of all parameters; ids have none, so nothing is returned.

        Args:
            grad_out: dL/d(logits), shape (N, T, V).
        """
        self.transformer.backward(grad_out)


class HasRate(Protocol):
    """What a schedule needs of an optimizer: `lr`, the step size, and `step`."""

    lr: float

    def step(self) -> None: ...


class WarmUpAndDecay:
    """An optimizer whose step size grows from zero, stays, and falls to zero in the second half.

    Large steps at the beginning would spoil a Transformer before its norms and its attention have
    found their scale; small steps at the end let it settle.

    Args:
        optimizer: takes the steps; its `lr` now is the largest step size.
        steps: how many steps there will be.
        warm_up: for how many of them the step size grows.
    """

    def __init__(self, optimizer: HasRate, steps: int, warm_up: int) -> None:
        self.optimizer, self.largest = optimizer, optimizer.lr
        self.steps, self.warm_up, self.taken = steps, warm_up, 0

    def step(self) -> None:
        """One step of the optimizer, with the step size of its turn."""
        self.taken += 1
        grows = self.taken / self.warm_up
        falls = 2 * (self.steps - self.taken + 1) / self.steps
        self.optimizer.lr = self.largest * max(0.0, min(1.0, grows, falls))
        self.optimizer.step()
