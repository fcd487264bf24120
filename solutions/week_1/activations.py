"""Activation functions: ReLU, Sigmoid, Tanh, Softmax.

None of them has parameters. The first three act on every entry alone, so their derivative
is one number per entry. Softmax ties the entries of a row together.
"""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


class ReLU(Module):
    """y = max(x, 0), entry by entry. Parity: torch.nn.ReLU."""

    def forward(self, x: Array) -> Array:
        """max(x, 0).

        Args:
            x: any shape. It is not changed.
        Returns:
            The shape of x.
        """
        ### BEGIN SOLUTION keep where x is positive, return max(x, 0) as a new array
        self.open = x > 0
        return np.maximum(x, 0)
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, the shape of the output.
        Returns:
            dL/dx, the same shape.
        Raises:
            ValueError: grad_out does not have the shape of the output.
        Math: dx = g where x > 0, else 0. At x = 0, where ReLU has a corner, torch says 0.
        """
        ### BEGIN SOLUTION check the shape, let the gradient through where x was positive
        if grad_out.shape != self.open.shape:
            raise ValueError(f"grad_out {grad_out.shape} is not like output {self.open.shape}")
        return grad_out * self.open  # true counts as 1, false as 0
        ### END SOLUTION


class Sigmoid(Module):
    """y = 1 / (1 + exp(-x)), entry by entry. Parity: torch.nn.Sigmoid."""

    def forward(self, x: Array) -> Array:
        """The logistic function of x.

        Args:
            x: any shape. It is not changed.
        Returns:
            The shape of x, values in [0, 1]: never nan and never a warning at a finite x.
        """
        ### BEGIN SOLUTION compute y such that no large x spoils it, keep y
        # For x < -709 the exponential is ∞, which is meant: 1 / (1 + ∞) = 0. In the other form,
        # exp(x) / (1 + exp(x)), a large x gives ∞ / ∞.
        with np.errstate(over="ignore"):
            self.y = 1 / (1 + np.exp(-x))
        return self.y
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, the shape of the output.
        Returns:
            dL/dx, the same shape.
        Raises:
            ValueError: grad_out does not have the shape of the output.
        Math: dx = g · y (1 - y).
        """
        ### BEGIN SOLUTION check the shape, multiply g by the derivative, written with y
        if grad_out.shape != self.y.shape:
            raise ValueError(f"grad_out {grad_out.shape} is not like output {self.y.shape}")
        return grad_out * (self.y * (1 - self.y))
        ### END SOLUTION


class Tanh(Module):
    """y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)), entry by entry. Parity: torch.nn.Tanh."""

    def forward(self, x: Array) -> Array:
        """The hyperbolic tangent of x.

        Args:
            x: any shape. It is not changed.
        Returns:
            The shape of x, values in [-1, 1]: never nan and never a warning at a finite x.
        """
        ### BEGIN SOLUTION compute y such that no large x spoils it, keep y
        self.y = np.tanh(x)
        return self.y
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, the shape of the output.
        Returns:
            dL/dx, the same shape.
        Raises:
            ValueError: grad_out does not have the shape of the output.
        Math: dx = g · (1 - y²).
        """
        ### BEGIN SOLUTION check the shape, multiply g by the derivative, written with y
        if grad_out.shape != self.y.shape:
            raise ValueError(f"grad_out {grad_out.shape} is not like output {self.y.shape}")
        return grad_out * (1 - self.y**2)
        ### END SOLUTION


class Softmax(Module):
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) along one axis. Parity: torch.nn.Softmax."""

    def __init__(self, dim: int = -1) -> None:
        """dim: the axis whose entries become positive numbers with sum 1."""
        self.dim = dim

    def forward(self, x: Array) -> Array:
        """Probabilities along `dim`.

        Args:
            x: any shape with an axis `dim`. It is not changed.
        Returns:
            The shape of x: never nan and never a warning at a finite x.
        Raises:
            ValueError: x has no axis `dim`.
        """
        ### BEGIN SOLUTION subtract the largest entry along dim, exponentiate, normalise, keep y
        # exp(xᵢ - m) / Σⱼ exp(xⱼ - m) is the same fraction for every m. With m the maximum,
        # the largest exponential is 1, so nothing overflows and the sum is at least 1.
        exp = np.exp(x - x.max(axis=self.dim, keepdims=True))
        self.y = exp / exp.sum(axis=self.dim, keepdims=True)
        return self.y
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, the shape of the output.
        Returns:
            dL/dx, the same shape.
        Raises:
            ValueError: grad_out does not have the shape of the output.
        Math: dyⱼ/dxᵢ = yⱼ ([i = j] - yᵢ), so dxᵢ = yᵢ (gᵢ - Σⱼ gⱼ yⱼ).
        """
        ### BEGIN SOLUTION check the shape, take the sum of g·y along dim, then dx from it
        if grad_out.shape != self.y.shape:
            raise ValueError(f"grad_out {grad_out.shape} is not like output {self.y.shape}")
        inner = (grad_out * self.y).sum(axis=self.dim, keepdims=True)
        return self.y * (grad_out - inner)
        ### END SOLUTION
