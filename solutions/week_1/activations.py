"""Activation functions: ReLU, Sigmoid, Tanh, Softmax.

    max(x, 0),    1 / (1 + exp(-x)),    tanh(x),    exp(x) / Σ exp(x)

None of them has parameters. The first three act on every entry alone, so their derivative
is one number per entry. Softmax ties the entries of a row together.
"""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


class ReLU(Module):
    """Positive entries pass, all others become 0.

    Parity: torch.nn.ReLU.
    """

    def forward(self, x: Array) -> Array:
        """The positive part of x.

        Args:
            x: any shape.
        Returns:
            y, the shape of x.
        Math: y = max(x, 0).
        """
        ### BEGIN SOLUTION keep where x is positive, return max(x, 0) as a new array
        self.mask = x > 0
        return np.maximum(x, 0)
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Raises:
            ValueError: grad_out has another shape than y.
        Math: dx = g where x > 0, else 0. At x = 0, where ReLU has a corner, torch says 0.
        """
        ### BEGIN SOLUTION check the shape, let the gradient through where x was positive
        require_shape("grad_out", grad_out, self.mask.shape)
        return grad_out * self.mask  # true counts as 1, false as 0
        ### END SOLUTION


class Sigmoid(Module):
    """Squeezes every entry into [0, 1].

    Parity: torch.nn.Sigmoid.
    """

    def forward(self, x: Array) -> Array:
        """The logistic function of x.

        Args:
            x: any shape.
        Returns:
            y, the shape of x, values in [0, 1]: never nan and never a warning at a finite x.
        Math: y = 1 / (1 + exp(-x)).
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
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Raises:
            ValueError: grad_out has another shape than y.
        Math: dx = g · y (1 - y).
        """
        ### BEGIN SOLUTION check the shape, multiply g by the derivative, written with y
        require_shape("grad_out", grad_out, self.y.shape)
        return grad_out * (self.y * (1 - self.y))
        ### END SOLUTION


class Tanh(Module):
    """Squeezes every entry into [-1, 1].

    Parity: torch.nn.Tanh.
    """

    def forward(self, x: Array) -> Array:
        """The hyperbolic tangent of x.

        Args:
            x: any shape.
        Returns:
            y, the shape of x, values in [-1, 1]: never nan and never a warning at a finite x.
        Math: y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)).
        """
        ### BEGIN SOLUTION compute y such that no large x spoils it, keep y
        self.y = np.tanh(x)
        return self.y
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Raises:
            ValueError: grad_out has another shape than y.
        Math: dx = g · (1 - y²).
        """
        ### BEGIN SOLUTION check the shape, multiply g by the derivative, written with y
        require_shape("grad_out", grad_out, self.y.shape)
        return grad_out * (1 - self.y**2)
        ### END SOLUTION


class Softmax(Module):
    """Positive numbers with sum 1 along one axis, the larger the larger the entry of x.

    Args:
        dim: the axis along which the numbers add up to 1.
    Parity: torch.nn.Softmax.
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Array) -> Array:
        """Probabilities along `dim`.

        Args:
            x: any shape with an axis `dim`.
        Returns:
            y, the shape of x: never nan and never a warning at a finite x.
        Raises:
            ValueError: x has no axis `dim`.
        Math: yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ).
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
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Raises:
            ValueError: grad_out has another shape than y.
        Math: dyⱼ/dxᵢ = yⱼ ([i = j] - yᵢ), so dxᵢ = yᵢ (gᵢ - Σⱼ gⱼ yⱼ).
        """
        ### BEGIN SOLUTION check the shape, take the sum of g·y along dim, then dx from it
        require_shape("grad_out", grad_out, self.y.shape)
        inner = (grad_out * self.y).sum(axis=self.dim, keepdims=True)
        return self.y * (grad_out - inner)
        ### END SOLUTION
