"""Masked arrays, np.select and apply_along_axis; results come back as plain arrays, some read-only."""

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


class ReLU(Module):
    def forward(self, x: Array) -> Array:
        self._hidden = ~(np.asarray(x) > 0)
        y = np.ma.masked_array(x, mask=self._hidden).filled(0)
        y.flags.writeable = False
        return y

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._hidden.shape)
        return np.ma.masked_array(grad_out, mask=self._hidden).filled(0)


class Sigmoid(Module):
    def forward(self, x: Array) -> Array:
        half = np.exp(-np.abs(x))  # never above 1
        self._y = np.select([x < 0], [half / (1 + half)], 1 / (1 + half))
        return self._y

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._y.shape)
        return np.prod([grad_out, self._y, 1 - self._y], axis=0)


class Tanh(Module):
    def forward(self, x: Array) -> Array:
        self._y = np.sinh(np.clip(x, -20, 20)) / np.cosh(np.clip(x, -20, 20))
        return self._y

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, np.shape(self._y))
        return grad_out * (1 - np.power(self._y, 2))


def _softmax_row(row: Array) -> Array:
    with np.errstate(over="ignore"):
        e = np.exp(row - max(row))
    return e / e.sum()


class Softmax(Module):
    def __init__(self, dim: int = -1):
        self.dim = dim

    def forward(self, x: Array) -> Array:
        self._y = np.moveaxis(x, self.dim, -1).copy()
        if x.size:  # apply_along_axis refuses an array without entries
            self._y = np.apply_along_axis(_softmax_row, -1, self._y)
        self._y = np.moveaxis(self._y, -1, self.dim)
        return self._y

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._y.shape)
        weighted = self._y * grad_out
        return weighted - self._y * np.add.reduce(weighted, axis=self.dim, keepdims=True)
