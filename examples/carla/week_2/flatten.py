"""Flatten: several axes become one, between the convolutions and the linear layers."""

from __future__ import annotations

import math

from given.module import Array, Module


class Flatten(Module):
    """Joins the axes from start_dim to end_dim. No parameters. Parity: torch.nn.Flatten."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        """The first and the last axis to join; negative numbers count from the end."""
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: Array) -> Array:
        """x with the axes from start_dim to end_dim as one, in row-major order.

        Args:
            x: any shape with these axes, usually (N, C, H, W). Not changed.
        Returns:
            Usually (N, C·H·W).
        Raises:
            ValueError: x has no such axes, or start_dim comes after end_dim.
        """
        # TODO remember the shape, find both axes, reshape
        raise NotImplementedError("week_2/flatten.py: Flatten.forward")

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, the shape of the output.
        Returns:
            dL/dx, the shape of x.
        Raises:
            ValueError: grad_out does not have the shape of the output.
        Math: every entry of y is one entry of x, so its gradient goes back to that place.
        """
        # TODO check the shape, put every entry back where it came from
        raise NotImplementedError("week_2/flatten.py: Flatten.backward")
