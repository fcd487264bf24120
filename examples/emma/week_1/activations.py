"""Week 1: activation functions."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


class ReLU(Module):
    def forward(self, x: Array) -> Array:
        self.mask = x > 0
        x[~self.mask] = 0
        return x

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.mask.shape:
            raise ValueError(f"shape of grad_out {grad_out.shape}, of x {self.mask.shape}")
        return grad_out * self.mask


class Sigmoid(Module):
    def forward(self, x: Array) -> Array:
        ex = np.exp(x)
        self.sigmoid = ex / (1 + ex)
        return self.sigmoid

    def backward(self, grad_out: Array) -> Array:
        return grad_out * self.sigmoid * (1 - self.sigmoid)


class Tanh(Module):
    def forward(self, x: Array) -> Array:
        self.tanh = np.tanh(x)
        return self.tanh

    def backward(self, grad_out: Array) -> Array:
        return grad_out * (1 - self.tanh**2)


class Softmax(Module):
    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Array) -> Array:
        ex = np.exp(x - x.max(axis=self.dim, keepdims=True))
        self.softmax = ex / ex.sum(axis=self.dim, keepdims=True)
        return self.softmax

    def backward(self, grad_out: Array) -> Array:
        s = self.softmax
        return s * grad_out - s * (s * grad_out).sum(axis=self.dim, keepdims=True)
