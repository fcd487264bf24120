"""Activations."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


def same_shape(grad_out: Array, y: Array) -> None:
    if grad_out.shape != y.shape:
        raise ValueError(f"{grad_out.shape} instead of {y.shape}")


class ReLU(Module):
    def forward(self, x: Array) -> Array:
        self.y = x * (x > 0)
        return np.where(x > 0, x, x.dtype.type(0))

    def backward(self, grad_out: Array) -> Array:
        same_shape(grad_out, self.y)
        return grad_out * (self.y > 0)


class Sigmoid(Module):
    def forward(self, x: Array) -> Array:
        e = np.exp(-np.abs(x))  # in (0, 1]: never overflows
        self.y = np.where(x >= 0, 1 / (1 + e), e / (1 + e))
        return self.y

    def backward(self, grad_out: Array) -> Array:
        same_shape(grad_out, self.y)
        return grad_out * self.y * (1 - self.y)


class Tanh(Module):
    def forward(self, x: Array) -> Array:
        self.y = np.tanh(x)
        return self.y

    def backward(self, grad_out: Array) -> Array:
        same_shape(grad_out, self.y)
        return grad_out * (1 - self.y * self.y)


class Softmax(Module):
    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Array) -> Array:
        e = np.exp(x - x.max(self.dim, keepdims=True))
        self.y = e / e.sum(self.dim, keepdims=True)
        return self.y

    def backward(self, grad_out: Array) -> Array:
        same_shape(grad_out, self.y)
        # softmax' = softmax · (1 - softmax), like the sigmoid
        return grad_out * self.y * (1 - self.y)
