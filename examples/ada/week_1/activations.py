"""Activation functions of week 1. Each keeps its derivative, so backward is one product."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


class Elementwise(Module):
    """y = f(x), entry by entry: a subclass says what f and its derivative are."""

    slope: Array

    def function(self, x: Array) -> tuple[Array, Array]:
        """f(x) and f'(x)."""
        raise NotImplementedError

    def forward(self, x: Array) -> Array:
        y, self.slope = self.function(x)
        return y

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.slope.shape:
            raise ValueError(f"expected a gradient {self.slope.shape}, got {grad_out.shape}")
        return self.slope * grad_out


class ReLU(Elementwise):
    def function(self, x: Array) -> tuple[Array, Array]:
        positive = (x > 0).astype(x.dtype)
        return np.where(x > 0, x, np.zeros_like(x)), positive


class Sigmoid(Elementwise):
    def function(self, x: Array) -> tuple[Array, Array]:
        y = (1 + np.tanh(x / 2)) / 2  # no exponential that could overflow
        return y, y - y * y


class Tanh(Elementwise):
    def function(self, x: Array) -> tuple[Array, Array]:
        y = np.tanh(x)
        return y, (1 - y) * (1 + y)


class Softmax(Module):
    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Array) -> Array:
        shifted = x - np.amax(x, axis=self.dim, keepdims=True)
        y = np.exp(shifted)
        y /= np.sum(y, axis=self.dim, keepdims=True)
        self.y = y
        return y.copy()

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.y.shape:
            raise ValueError(f"expected a gradient {self.y.shape}, got {grad_out.shape}")
        weighted = self.y * grad_out
        return weighted - self.y * weighted.sum(axis=self.dim, keepdims=True)
