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
        # TODO all angles as an outer product, sines and cosines in turn
        raise NotImplementedError("week_3/positional_encoding.py: PositionalEncoding.__init__")

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
        # TODO check the shape, add the rows of the positions that occur
        raise NotImplementedError("week_3/positional_encoding.py: PositionalEncoding.forward")

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
        # TODO check the shape; what does adding a constant do to a gradient?
        raise NotImplementedError("week_3/positional_encoding.py: PositionalEncoding.backward")
