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
        # TODO keep where x is positive, return max(x, 0) as a new array
        raise NotImplementedError("week_1/activations.py: ReLU.forward")

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
        # TODO check the shape, let the gradient through where x was positive
        raise NotImplementedError("week_1/activations.py: ReLU.backward")


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
        # TODO compute y such that no large x spoils it, keep y
        raise NotImplementedError("week_1/activations.py: Sigmoid.forward")

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
        # TODO check the shape, multiply g by the derivative, written with y
        raise NotImplementedError("week_1/activations.py: Sigmoid.backward")


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
        # TODO compute y such that no large x spoils it, keep y
        raise NotImplementedError("week_1/activations.py: Tanh.forward")

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
        # TODO check the shape, multiply g by the derivative, written with y
        raise NotImplementedError("week_1/activations.py: Tanh.backward")


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
        # TODO subtract the largest entry along dim, exponentiate, normalise, keep y
        raise NotImplementedError("week_1/activations.py: Softmax.forward")

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
        # TODO check the shape, take the sum of g·y along dim, then dx from it
        raise NotImplementedError("week_1/activations.py: Softmax.backward")
