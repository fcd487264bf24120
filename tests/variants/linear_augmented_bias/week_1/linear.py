"""The bias is a last column of the weight, and x gets a column of ones: one product does it all."""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class Linear(Module):
    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.in_features, self.out_features = in_features, out_features
        rng = rng or np.random.default_rng()
        self.weight = self._drawn(rng, out_features, in_features)
        self.bias = None
        if bias:
            self.bias = self._drawn(rng, out_features)

    def _drawn(self, rng: np.random.Generator, *shape: int) -> Parameter:
        return Parameter((2 * rng.random(shape) - 1) / math.sqrt(self.in_features))

    @property
    def _matrix(self) -> Array:
        if self.bias is None:
            return self.weight.data
        return np.column_stack([self.weight.data, self.bias.data])

    def forward(self, x: Array) -> Array:
        require_shape("x", x, (..., self.in_features))
        self._batch_axes = x.shape[:-1]
        rows = x.reshape(math.prod(self._batch_axes), self.in_features)
        if self.bias is not None:
            rows = np.append(rows, np.ones((len(rows), 1), dtype=x.dtype), axis=1)
        self._rows = rows
        return np.dot(rows, self._matrix.T).reshape(*self._batch_axes, self.out_features)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, (*self._batch_axes, self.out_features))
        g = grad_out.reshape(len(self._rows), self.out_features)
        d_matrix = np.dot(g.T, self._rows)
        self.weight.grad += d_matrix[:, : self.in_features]
        if self.bias is not None:
            self.bias.grad += d_matrix[:, -1]
        dx = np.dot(g, self._matrix)[:, : self.in_features]
        return dx.reshape(*self._batch_axes, self.in_features)
