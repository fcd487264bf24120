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
        # TODO all angles as an outer product, sines and cosines in turn
        raise NotImplementedError("week_3/positional_encoding.py: PositionalEncoding.__init__")

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
        # TODO check the shape, add the rows of the positions that occur
        raise NotImplementedError("week_3/positional_encoding.py: PositionalEncoding.forward")

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, shape (N, T, d_model).
        Returns:
            dL/dx, the same shape.
        Math: y = x + a constant, so dy/dx is the identity.
        """
        # TODO what does adding a constant do to a gradient?
        raise NotImplementedError("week_3/positional_encoding.py: PositionalEncoding.backward")
