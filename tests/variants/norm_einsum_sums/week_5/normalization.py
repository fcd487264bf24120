"""All sums by einsum; running statistics rebound; whatever has the parameters' dtype is cast to that of x."""

from __future__ import annotations

import math

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
        count = values.shape[0] * values.shape[2]
        if count < 2:
            raise ValueError(f"{values.shape}: one value per channel has no variance")
        mean = np.einsum("ncl->c", values) / count
        d = values - mean[:, None]
        var = np.einsum("ncl,ncl->c", d, d) / count
        keep, m = 1 - self.momentum, self.momentum
        self.running_mean = keep * self.running_mean + m * mean.astype(np.float64)
        self.running_var = keep * self.running_var + m * var.astype(np.float64) * count / (count - 1)
        return mean, var

    def forward(self, x: Array) -> Array:
        v = self.flatten_positions(x)
        self.mode = "train" if self.training else "eval"
        mean, var = self.batch_statistics(v) if self.training else (self.running_mean, self.running_var)
        self.inverse = (1 / np.sqrt(var + self.eps)).astype(x.dtype)[None, :, None]
        self.x_hat = (v - mean.astype(x.dtype)[None, :, None]) * self.inverse
        self.shape = x.shape
        y = self.x_hat
        if self.weight is not None:
            y = np.einsum("c,ncl->ncl", self.weight.data, y) + self.bias.data[:, None]
        return np.array(y, dtype=x.dtype).reshape(x.shape)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.shape)
        g = grad_out.reshape(self.x_hat.shape)
        total, along = np.einsum("ncl->c", g), np.einsum("ncl,ncl->c", g, self.x_hat)
        count = g.shape[0] * g.shape[2]
        scale = self.inverse
        if self.weight is not None:
            self.bias.grad += total
            self.weight.grad += along
            scale = scale * self.weight.data.astype(g.dtype)[:, None]
        if self.mode == "train":
            g = g - (total[:, None] + self.x_hat * along[:, None]) / count
        return (scale * g).reshape(self.shape)


class BatchNorm1d(BatchNorm):
    def flatten_positions(self, x: Array) -> Array:
        if x.ndim == 2:
            require_shape("x", x, ("N", self.num_features))
            return x[..., None]
        require_shape("x", x, ("N", self.num_features, "L"))
        return x


class BatchNorm2d(BatchNorm):
    def flatten_positions(self, x: Array) -> Array:
        require_shape("x", x, ("N", self.num_features, "H", "W"))
        return x.reshape(x.shape[0], x.shape[1], x.shape[2] * x.shape[3])


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
        size = math.prod(self.normalized_shape)
        rows = x.reshape(-1, size)
        d = rows - np.einsum("nd->n", rows)[:, None] / size
        self.inverse = 1 / np.sqrt(np.einsum("nd,nd->n", d, d) / size + self.eps)[:, None]
        self.x_hat, self.shape = d * self.inverse, x.shape
        y = self.x_hat
        if self.weight is not None:
            y = np.einsum("nd,d->nd", y, self.weight.data.ravel()) + self.bias.data.ravel()
        return np.array(y, dtype=x.dtype).reshape(x.shape)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.shape)
        h = grad_out.reshape(self.x_hat.shape)
        if self.weight is not None:
            shape = self.normalized_shape
            self.bias.grad += np.einsum("nd->d", h).reshape(shape)
            self.weight.grad += np.einsum("nd,nd->d", h, self.x_hat).reshape(shape)
            h = h * self.weight.data.ravel().astype(h.dtype)
        d = h.shape[1]
        mean = np.einsum("nd->n", h)[:, None] / d
        along = np.einsum("nd,nd->n", h, self.x_hat)[:, None] / d
        return (self.inverse * (h - mean - self.x_hat * along)).reshape(self.shape)
