"""LayerNorm backward with the D × D Jacobian of each group, BatchNorm with projections; x kept, x̂ recomputed."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


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

    def batch_statistics(self, values: Array) -> tuple[Array, Array]:
        m = values[:, 0].size
        if m < 2:
            raise ValueError(f"values {values.shape}: every channel needs 2 values or more")
        mean = np.average(values, axis=(0, 2))
        var = np.average((values - mean.reshape(-1, 1)) ** 2, axis=(0, 2))
        for running, new in ((self.running_mean, mean), (self.running_var, var * m / (m - 1))):
            running[:] = (1 - self.momentum) * running + self.momentum * new
        return mean, var

    def forward(self, x: Array) -> Array:
        values = self.flatten_positions(x)
        self._trained = self.training
        if self.training:
            mean, var = self.batch_statistics(values)
        else:
            mean, var = self.running_mean.copy(), self.running_var.copy()
        self._x, self._mean = x.copy(), mean.astype(x.dtype)[:, None]
        self._s = (1 / np.sqrt(var + self.eps)).astype(x.dtype)[:, None]
        y = self._x_hat()
        if self.weight is not None:
            y = y * self.weight.data[:, None] + self.bias.data[:, None]
        return y.astype(x.dtype, copy=False).reshape(x.shape)

    def _x_hat(self) -> Array:
        return (self.flatten_positions(self._x) - self._mean) * self._s

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._x.shape)
        x_hat = self._x_hat()
        g = np.reshape(grad_out, x_hat.shape)
        gamma = np.ones((), g.dtype)
        if self.weight is not None:
            self.bias.grad += g.sum((0, 2))
            self.weight.grad += (g * x_hat).sum((0, 2))
            gamma = self.weight.data[:, None]
        if self._trained:
            for direction in (np.ones_like(x_hat), x_hat):  # take both components away
                g = g - direction * (g * direction).mean((0, 2), keepdims=True)
        dx = gamma * self._s * g
        return dx.astype(grad_out.dtype, copy=False).reshape(self._x.shape)


class BatchNorm1d(BatchNorm):
    def flatten_positions(self, x: Array) -> Array:
        wanted = ("N", self.num_features) if x.ndim == 2 else ("N", self.num_features, "L")
        require_shape("x", x, wanted)
        return x if x.ndim == 3 else x[:, :, np.newaxis]


class BatchNorm2d(BatchNorm):
    def flatten_positions(self, x: Array) -> Array:
        require_shape("x", x, ("N", self.num_features, "H", "W"))
        return x.reshape(x.shape[:2] + (np.prod(x.shape[2:], dtype=int),))


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
        self._shape = x.shape
        rows = x.reshape(-1, np.prod(self.normalized_shape, dtype=int))
        centred = rows - rows.mean(axis=-1, keepdims=True)
        self._std = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.eps)
        self._x_hat = centred / self._std
        y = self._x_hat.reshape(x.shape)
        if self.weight is None:
            return y.copy()
        return (y * self.weight.data + self.bias.data).astype(x.dtype)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._shape)
        x_hat, (_, d) = self._x_hat, self._x_hat.shape
        g = grad_out.reshape(-1, d)
        h = g
        if self.weight is not None:
            self.bias.grad += g.sum(0).reshape(self.normalized_shape)
            self.weight.grad += (g * x_hat).sum(0).reshape(self.normalized_shape)
            h = g * self.weight.data.reshape(-1)
        outer = x_hat[:, :, None] * x_hat[:, None, :]
        jacobian = (np.eye(d, dtype=g.dtype) - 1 / d - outer / d) / self._std[:, :, None]
        dx = (jacobian @ h[:, :, None])[:, :, 0]
        return dx.astype(g.dtype).reshape(self._shape)
