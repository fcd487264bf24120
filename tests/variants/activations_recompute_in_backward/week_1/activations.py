"""forward keeps only a copy of x and backward computes it all again; an error class of its own; a dataclass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from given.module import Array, Module


class ShapeMismatch(ValueError):
    def __init__(self, got: tuple[int, ...], want: tuple[int, ...]) -> None:
        super().__init__(f"the gradient's shape {got} is not that of the output, {want}")
        self.got, self.want = got, want


def _same_shape(g, x) -> None:
    if np.shape(g) != np.shape(x):
        raise ShapeMismatch(np.shape(g), np.shape(x))


class ReLU(Module):
    def forward(self, x: Array) -> Array:
        self._x = np.copy(x)
        return np.maximum(self._x, 0)

    def backward(self, grad_out: Array) -> Array:
        _same_shape(grad_out, self._x)
        return np.multiply(grad_out, np.sign(self.forward(self._x)))


def _sigmoid(x: Array) -> Array:
    x = np.asarray(x)
    y = np.empty_like(x)
    up = x >= 0
    y[up] = 1 / (1 + np.exp(-x[up]))
    e = np.exp(x[~up])
    y[~up] = e / (e + 1)
    return y


class Sigmoid(Module):
    def forward(self, x: Array) -> Array:
        self._x = np.copy(x)
        return _sigmoid(self._x)

    def backward(self, grad_out: Array) -> Array:
        _same_shape(grad_out, self._x)
        return grad_out * _sigmoid(self._x) * _sigmoid(-self._x)


class Tanh(Module):
    def forward(self, x: Array) -> Array:
        self._x = np.copy(x)
        return 2 * _sigmoid(2 * np.clip(self._x, -100, 100)) - 1

    def backward(self, grad_out: Array) -> Array:
        _same_shape(grad_out, self._x)
        x = np.clip(self._x, -100, 100)
        return grad_out * 4 * _sigmoid(2 * x) * _sigmoid(-2 * x)


@dataclass
class Softmax(Module):
    dim: int = -1

    def _probabilities(self) -> Array:
        with np.errstate(over="ignore"):
            e = np.exp(self._x - self._x.max(self.dim, keepdims=True))
        return e / e.sum(self.dim, keepdims=True)

    def forward(self, x: Array) -> Array:
        self._x = np.copy(x)
        return self._probabilities()

    def backward(self, grad_out: Array) -> Array:
        _same_shape(grad_out, self._x)
        y = self._probabilities()
        return y * grad_out - y * (y * grad_out).sum(self.dim, keepdims=True)
