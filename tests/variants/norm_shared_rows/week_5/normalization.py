"""Batch and layer norm share one pair of functions on rows (groups, values); statistics in float64; stats moved in place."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


def _moments(rows: Array) -> tuple[Array, Array]:
    mean = rows.mean(axis=1, dtype=np.float64)
    return mean, np.square(rows - mean[:, None]).mean(axis=1)


def _normalise(rows: Array, mean: Array, var: Array, eps: float) -> tuple[Array, Array]:
    s = np.reciprocal(np.sqrt(var + eps))[:, None]
    return (rows - mean[:, None]) * s, s


def _grad_rows(h: Array, x_hat: Array, s: Array) -> Array:
    along = (h * x_hat).mean(axis=1, keepdims=True)
    return s * (h - h.mean(axis=1, keepdims=True) - x_hat * along)


class BatchNorm(Module):
    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True
    ) -> None:
        self.num_features = num_features
        self.eps, self.momentum = eps, momentum
        self.weight = Parameter(np.ones(num_features)) if affine else None
        self.bias = Parameter(np.zeros(num_features)) if affine else None
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)

    def flatten_positions(self, x: Array) -> Array:
        raise NotImplementedError("BatchNorm is the common part: use BatchNorm1d or BatchNorm2d")

    @staticmethod
    def _rows(values: Array) -> Array:
        return np.moveaxis(values, 1, 0).reshape(values.shape[1], -1)

    def _unrows(self, rows: Array, dtype) -> Array:
        n, c, length = self._values_shape
        back = np.moveaxis(rows.reshape(c, n, length), 0, 1)
        return back.reshape(self._x_shape).astype(dtype)

    def batch_statistics(self, values: Array) -> tuple[Array, Array]:
        rows = self._rows(values)
        m = rows.shape[1]
        if m <= 1:
            raise ValueError(f"{m} value per channel in {values.shape}: at least 2 are needed")
        mean, var = _moments(rows)
        self.running_mean += self.momentum * (mean - self.running_mean)
        self.running_var += self.momentum * (var * (m / (m - 1)) - self.running_var)
        return mean, var

    def forward(self, x: Array) -> Array:
        values = self.flatten_positions(x)
        self._x_shape, self._values_shape = x.shape, values.shape
        if self.training:
            mean, var = self.batch_statistics(values)
        else:
            mean, var = self.running_mean, self.running_var
        self._frozen = not self.training
        self._x_hat, self._s = _normalise(self._rows(values), mean, var, self.eps)
        y = self._x_hat
        if self.weight is not None:
            y = self.weight.data[:, None] * y + self.bias.data[:, None]
        return self._unrows(y, x.dtype)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._x_shape)
        g = self._rows(grad_out.reshape(self._values_shape))
        h = g
        if self.weight is not None:
            self.bias.grad += g.sum(axis=1)
            self.weight.grad += (g * self._x_hat).sum(axis=1)
            h = g * self.weight.data[:, None]
        dx = self._s * h if self._frozen else _grad_rows(h, self._x_hat, self._s)
        return self._unrows(dx, grad_out.dtype)


class BatchNorm1d(BatchNorm):
    def flatten_positions(self, x: Array) -> Array:
        if x.ndim not in (2, 3) or x.shape[1] != self.num_features:
            c = self.num_features
            raise ValueError(f"x has shape {x.shape}, not (N, {c}) or (N, {c}, L)")
        return np.expand_dims(x, 2) if x.ndim == 2 else x[:]


class BatchNorm2d(BatchNorm):
    def flatten_positions(self, x: Array) -> Array:
        if x.ndim != 4 or x.shape[1] != self.num_features:
            raise ValueError(f"x has shape {x.shape}, not (N, {self.num_features}, H, W)")
        n, c, h, w = x.shape
        return x.reshape(n, c, h * w)


class LayerNorm(Module):
    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
    ) -> None:
        if isinstance(normalized_shape, int):
            normalized_shape = (normalized_shape,)
        self.normalized_shape = tuple(normalized_shape)
        self.eps = eps
        self.weight = Parameter(np.ones(self.normalized_shape)) if elementwise_affine else None
        self.bias = Parameter(np.zeros(self.normalized_shape)) if elementwise_affine else None

    def forward(self, x: Array) -> Array:
        require_shape("x", x, (..., *self.normalized_shape))
        rows = x.reshape(-1, int(np.prod(self.normalized_shape)))
        self._x_hat, self._s = _normalise(rows, *_moments(rows), self.eps)
        self._shape = x.shape
        y = self._x_hat.reshape(x.shape)
        if self.weight is not None:
            y = self.weight.data * y + self.bias.data
        return y.astype(x.dtype)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._shape)
        h = grad_out
        if self.weight is not None:
            leading = tuple(range(grad_out.ndim - len(self.normalized_shape)))
            self.bias.grad += grad_out.sum(axis=leading)
            self.weight.grad += (grad_out * self._x_hat.reshape(self._shape)).sum(axis=leading)
            h = grad_out * self.weight.data
        dx = _grad_rows(h.reshape(self._x_hat.shape), self._x_hat, self._s)
        return dx.reshape(self._shape).astype(grad_out.dtype)
