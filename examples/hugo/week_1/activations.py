"""Activations."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


def ensure(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


class ReLU(Module):
    def forward(self, x: Array) -> Array:
        self.on = x > 0
        return np.where(self.on, x, x.dtype.type(0))

    def backward(self, grad_out: Array) -> Array:
        ensure(grad_out.shape == self.on.shape, f"{grad_out.shape} is not {self.on.shape}")
        return np.where(self.on, grad_out, grad_out.dtype.type(0))


class Sigmoid(Module):
    def forward(self, x: Array) -> Array:
        self.y = 0.5 * np.tanh(0.5 * x) + 0.5
        return self.y

    def backward(self, grad_out: Array) -> Array:
        ensure(grad_out.shape == self.y.shape, f"{grad_out.shape} is not {self.y.shape}")
        return self.y * (1 - self.y) * grad_out


class Tanh(Module):
    def forward(self, x: Array) -> Array:
        self.y = np.tanh(x)
        return self.y

    def backward(self, grad_out: Array) -> Array:
        ensure(grad_out.shape == self.y.shape, f"{grad_out.shape} is not {self.y.shape}")
        return grad_out - grad_out * self.y**2


class Softmax(Module):
    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Array) -> Array:
        z = x - x.max(axis=self.dim, keepdims=True)
        z = z - np.log(np.exp(z).sum(axis=self.dim, keepdims=True))
        self.y = np.exp(z)
        return self.y

    def backward(self, grad_out: Array) -> Array:
        ensure(grad_out.shape == self.y.shape, f"{grad_out.shape} is not {self.y.shape}")
        g = grad_out * self.y
        return g - g.sum(axis=self.dim, keepdims=True) * self.y
