"""Flatten: several axes become one, between the convolutions and the linear layers.

    (N, C, H, W) → (N, C·H·W)

No number changes, so backward only gives the gradient its old shape.
"""

from __future__ import annotations

import math

from given.module import Array, Module
from given.shapes import require_shape


class Flatten(Module):
    """Joins several axes to one.

    Args:
        start_dim: the first axis to join; a negative number counts from the end.
        end_dim: the last axis to join, likewise.
    Parity: torch.nn.Flatten.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Array) -> Array:
        """x with the axes from start_dim to end_dim as one, in row-major order.

        Args:
            x: any shape with these axes, usually (N, C, H, W).
        Returns:
            y, usually (N, C·H·W).
        Raises:
            ValueError: x has no such axes, or start_dim comes after end_dim.
        """
        # TODO remember the shape, find both axes, reshape
        raise NotImplementedError("week_2/flatten.py: Flatten.forward")

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Raises:
            ValueError: grad_out has another shape than y.
        Math: every entry of y is one entry of x, so its gradient goes back to that place.
        """
        # TODO check the shape, put every entry back where it came from
        raise NotImplementedError("week_2/flatten.py: Flatten.backward")
