"""Losses: cross-entropy of logits, binary cross-entropy of probabilities.

    -log softmax(x)ₜ,    -(t log p + (1 - t) log(1 - p))

`forward(input, target)` returns one number, `backward()` its gradient with respect to
`input`. Targets are given, so they get no gradient.
"""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


class CrossEntropyLoss(Module):
    """-log of the probability that softmax gives to the right class.

    Args:
        reduction: "mean" over the batch, or "sum".
    Raises:
        ValueError: another reduction.
    Parity: torch.nn.CrossEntropyLoss with class indices. There is no `ignore_index`.
    """

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in ("mean", "sum"):
            raise ValueError(f'reduction must be "mean" or "sum", not "{reduction}"')
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        """The loss of a batch.

        Args:
            input: logits, shape (N, K), any finite size.
            target: the right class of each row, 0 … K - 1, of any integer dtype, shape (N,).
        Returns:
            The loss, one number.
        Raises:
            ValueError: a shape is wrong, or a target is not a class.
        Math: lₙ = log Σₖ exp(xₙₖ - m) - (xₙₜ - m), where t is the target of row n and m its
            largest logit. The loss is the mean or the sum of the lₙ.
        """
        # TODO check shapes and targets, lₙ of every row, keep softmax, reduce
        raise NotImplementedError("week_1/losses.py: CrossEntropyLoss.forward")

    def backward(self, grad_out: float = 1.0) -> Array:
        """Gradient of the loss with respect to the logits.

        Args:
            grad_out: dL/d(this loss), one number; 1 if nothing comes after.
        Returns:
            dL/d(input), shape (N, K).
        Raises:
            ValueError: grad_out is not one number.
        Math: dxₙₖ = g (softmax(xₙ)ₖ - [k = targetₙ]), divided by N for "mean".
        """
        # TODO check grad_out, then softmax minus one at the right class, scaled
        raise NotImplementedError("week_1/losses.py: CrossEntropyLoss.backward")


class BCELoss(Module):
    """Binary cross-entropy: -log of the probability given to what happened.

    Args:
        reduction: "mean" over all entries, or "sum".
    Raises:
        ValueError: another reduction.
    Parity: torch.nn.BCELoss, its limits at 0 and 1 included.
    """

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in ("mean", "sum"):
            raise ValueError(f'reduction must be "mean" or "sum", not "{reduction}"')
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        """The loss of a batch, without a warning at p = 0 or p = 1.

        Args:
            input: probabilities p in [0, 1], any shape.
            target: t, what happened, in [0, 1], the shape of input.
        Returns:
            The loss, one number.
        Raises:
            ValueError: the shapes differ, or a value is outside [0, 1].
        Math: l = -(t log p + (1 - t) log(1 - p)), each logarithm at least -100. The loss is
            the mean or the sum of the l of all entries.
        """
        # TODO check shapes and ranges, l of every entry with bounded logs, reduce
        raise NotImplementedError("week_1/losses.py: BCELoss.forward")

    def backward(self, grad_out: float = 1.0) -> Array:
        """Gradient of the loss with respect to the probabilities.

        Args:
            grad_out: dL/d(this loss), one number; 1 if nothing comes after.
        Returns:
            dL/d(input), the shape of input.
        Raises:
            ValueError: grad_out is not one number.
        Math: dp = g (p - t) / max(p (1 - p), 1e-12), divided by the number of entries
            for "mean". The bound is torch's: it keeps the gradient finite at 0 and 1.
        """
        # TODO check grad_out, then the derivative with its bound, scaled
        raise NotImplementedError("week_1/losses.py: BCELoss.backward")
