"""Positional encoding: equal tokens at different places are told apart.

    y[n, t] = x[n, t] + pe[t]

The table pe holds sine and cosine waves of the position t. It is not learned.
"""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


class PositionalEncoding(Module):
    """Adds sine and cosine waves of the position to every vector of a sequence.

    Args:
        d_model: D, length of a vector, odd or even.
        max_len: number of positions in the table.
    Attributes:
        pe: the table, shape (max_len, D), float64; it is not learned.
    Math: for position t and pair i = 0, 1, …, with ω_i = 10000^(-2i / D),
        pe[t, 2i] = sin(t · ω_i),    pe[t, 2i + 1] = cos(t · ω_i).
        With an odd D the last sine has no cosine beside it.
    Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.5.
    """

    def __init__(self, d_model: int, max_len: int = 5000) -> None:
        ### BEGIN SOLUTION all angles as an outer product, sines and cosines in turn
        position = np.arange(max_len)[:, None]
        frequency = 10000.0 ** (-np.arange(0, d_model, 2) / d_model)
        angle = position * frequency  # (max_len, ⌈D / 2⌉)
        self.pe = np.empty((max_len, d_model))
        self.pe[:, 0::2] = np.sin(angle)
        self.pe[:, 1::2] = np.cos(angle[:, : d_model // 2])
        ### END SOLUTION

    def forward(self, x: Array) -> Array:
        """x plus the table's first T rows.

        Args:
            x: shape (N, T, D).
        Returns:
            y, the shape of x.
        Raises:
            ValueError: x is not (N, T, D), or T is more than max_len.
        Math: y[n, t] = x[n, t] + pe[t].
        """
        ### BEGIN SOLUTION check the shape, add the rows of the positions that occur
        max_len, d_model = self.pe.shape
        require_shape("x", x, ("N", "T", d_model))
        if x.shape[1] > max_len:
            raise ValueError(f"x has shape {x.shape}, more than {max_len} positions")
        self.y_shape = x.shape
        return x + self.pe[: x.shape[1]].astype(x.dtype)
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, shape (N, T, D).
        Returns:
            dL/dx, shape (N, T, D).
        Raises:
            ValueError: grad_out has another shape than y.
        Math: y = x + a constant, so dy/dx is the identity.
        """
        ### BEGIN SOLUTION check the shape; what does adding a constant do to a gradient?
        require_shape("grad_out", grad_out, self.y_shape)
        return grad_out
        ### END SOLUTION
