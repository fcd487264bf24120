"""Positional encoding: tell equal tokens at different places apart."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


class PositionalEncoding(Module):
    """Adds sine and cosine waves of the position to every vector of a sequence.

    Args:
        d_model: length of a vector, odd or even.
        max_len: number of positions in the table.
    Attributes:
        pe: the table, shape (max_len, d_model), float64; it is not learned.
    Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.5.
    """

    def __init__(self, d_model: int, max_len: int = 5000) -> None:
        """Builds the table.

        Math, for position t and pair i = 0, 1, ...: ω_i = 10000^(−2i / d_model),
            pe[t, 2i] = sin(t · ω_i),    pe[t, 2i + 1] = cos(t · ω_i).
        With an odd d_model the last sine has no cosine beside it.
        """
        ### BEGIN SOLUTION all angles as an outer product, sines and cosines in turn
        position = np.arange(max_len)[:, np.newaxis]
        frequency = 10000.0 ** (-np.arange(0, d_model, 2) / d_model)
        angle = position * frequency  # (max_len, ⌈d_model / 2⌉)
        self.pe: Array = np.empty((max_len, d_model))
        self.pe[:, 0::2] = np.sin(angle)
        self.pe[:, 1::2] = np.cos(angle[:, : d_model // 2])
        ### END SOLUTION

    def forward(self, x: Array) -> Array:
        """x plus the table's first T rows.

        Args:
            x: shape (N, T, d_model).
        Returns:
            the shape and dtype of x.
        Raises:
            ValueError: x is not (N, T, d_model), or T is more than max_len.
        Math: y[n, t] = x[n, t] + pe[t].
        """
        ### BEGIN SOLUTION check the shape, add the rows of the positions that occur
        max_len, d_model = self.pe.shape
        if x.ndim != 3 or x.shape[1] > max_len or x.shape[2] != d_model:
            raise ValueError(
                f"PositionalEncoding: x has shape {x.shape}, not (N, T up to {max_len}, {d_model})"
            )
        rows: Array = self.pe[: x.shape[1]].astype(x.dtype, copy=False)
        return x + rows
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, shape (N, T, d_model).
        Returns:
            dL/dx, the same shape.
        Math: y = x + a constant, so dy/dx is the identity.
        """
        ### BEGIN SOLUTION what does adding a constant do to a gradient?
        return grad_out
        ### END SOLUTION
