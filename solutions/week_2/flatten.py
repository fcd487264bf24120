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
        ### BEGIN SOLUTION remember the shape, find both axes, reshape
        start = self.start_dim + (x.ndim if self.start_dim < 0 else 0)
        end = self.end_dim + (x.ndim if self.end_dim < 0 else 0)
        if not 0 <= start <= end < x.ndim:
            raise ValueError(f"no axes {self.start_dim} to {self.end_dim} in shape {x.shape}")
        joined = math.prod(x.shape[start : end + 1])
        self.shape = x.shape
        self.out_shape = (*x.shape[:start], joined, *x.shape[end + 1 :])
        return x.reshape(self.out_shape)
        ### END SOLUTION

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
        ### BEGIN SOLUTION check the shape, put every entry back where it came from
        if grad_out.shape != self.out_shape:
            raise ValueError(f"grad_out {grad_out.shape} is not like output {self.out_shape}")
        return grad_out.reshape(self.shape)
        ### END SOLUTION
