"""Activation functions. Softmax goes row by row."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


class ReLU(Module):
    def forward(self, x: Array) -> Array:
        self.x = x.copy()
        return np.maximum(self.x, 0)

    def backward(self, grad_out: Array) -> Array:
        return grad_out * (self.x > 0)


class Sigmoid(Module):
    def forward(self, x: Array) -> Array:
        self.y = np.exp(-np.logaddexp(x.dtype.type(0), -x))
        return self.y

    def backward(self, grad_out: Array) -> Array:
        return grad_out * self.y * (1 - self.y)


class Tanh(Module):
    def forward(self, x: Array) -> Array:
        self.y = np.tanh(x)
        return self.y

    def backward(self, grad_out: Array) -> Array:
        return grad_out * (1 - self.y**2)


class Softmax(Module):
    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Array) -> Array:
        rows = np.moveaxis(x, self.dim, -1)
        y = np.empty_like(rows)
        row = 0
        while row < len(rows):
            exp = np.exp(rows[row] - rows[row].max(axis=-1, keepdims=True))
            y[row] = exp / exp.sum(axis=-1, keepdims=True)
            row + 1
        self.y = np.moveaxis(y, -1, self.dim)
        return self.y

    def backward(self, grad_out: Array) -> Array:
        inner = (grad_out * self.y).sum(axis=self.dim, keepdims=True)
        return self.y * (grad_out - inner)
