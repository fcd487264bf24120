"""Backward road by road, as automatic differentiation would do it: directly, over the mean, over the variance."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class _Normalizer:
    """One forward pass over the given axes, and the way back."""

    def __init__(self, x: Array, axes: tuple[int, ...], eps: float, fixed=None) -> None:
        self.axes, self.fixed = axes, fixed
        self.count = int(np.prod([x.shape[a] for a in axes]))
        if fixed is None:
            self.mean = np.mean(x, axis=axes, keepdims=True)
            self.var = np.var(x, axis=axes, keepdims=True)
        else:
            self.mean, self.var = fixed
        self.centred = x - self.mean
        self.s = (self.var + eps) ** -0.5
        self.x_hat = self.centred * self.s

    def back(self, h: Array) -> Array:
        direct = h * self.s
        if self.fixed is not None:
            return direct
        d_var = np.sum(h * self.centred * -0.5 * self.s**3, axis=self.axes, keepdims=True)
        d_mean = -np.sum(direct, axis=self.axes, keepdims=True)
        return direct + d_mean / self.count + d_var * 2 * self.centred / self.count


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
        n, _, length = values.shape
        if n * length < 2:
            raise ValueError(f"no variance from values of shape {values.shape}")
        mean = values.mean(axis=(0, 2))
        np.copyto(self.running_mean, (1 - self.momentum) * self.running_mean + self.momentum * mean)
        unbiased = values.var(axis=(0, 2), ddof=1)
        self.running_var *= 1 - self.momentum
        self.running_var += self.momentum * unbiased
        return mean, values.var(axis=(0, 2))

    def forward(self, x: Array) -> Array:
        values = self.flatten_positions(x)
        if self.training:
            mean, var = self.batch_statistics(values)
            self.pass_ = _Normalizer(values, (0, 2), self.eps)
        else:
            fixed = [
                statistic.astype(x.dtype).reshape(1, -1, 1)
                for statistic in (self.running_mean, self.running_var)
            ]
            self.pass_ = _Normalizer(values, (0, 2), self.eps, fixed)
        self.x_shape = x.shape
        y = self.pass_.x_hat.copy()
        if self.weight is not None:
            y *= self.weight.data[:, np.newaxis]
            y += self.bias.data[:, np.newaxis]
        return y.reshape(x.shape)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.x_shape)
        h = np.array(grad_out).reshape(self.pass_.x_hat.shape)
        if self.weight is not None:
            self.weight.grad += np.sum(h * self.pass_.x_hat, axis=(0, 2))
            self.bias.grad += np.sum(h, axis=(0, 2))
            h *= self.weight.data[:, np.newaxis]
        return self.pass_.back(h).reshape(self.x_shape)


class BatchNorm1d(BatchNorm):
    def flatten_positions(self, x: Array) -> Array:
        require_shape("x", x, ("N", self.num_features, "L")[: max(2, min(x.ndim, 3))])
        return x.reshape(*x.shape, 1) if x.ndim == 2 else x.view()


class BatchNorm2d(BatchNorm):
    def flatten_positions(self, x: Array) -> Array:
        require_shape("x", x, ("N", self.num_features, "H", "W"))
        return x.reshape(*x.shape[:2], x.shape[2] * x.shape[3])


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
        own = tuple(range(-len(self.normalized_shape), 0))
        self.pass_ = _Normalizer(x, own, self.eps)
        y = np.array(self.pass_.x_hat)
        if self.weight is not None:
            y *= self.weight.data
            y += self.bias.data
        return y

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.pass_.x_hat.shape)
        h = np.array(grad_out)
        if self.weight is not None:
            rows = (-1, *self.normalized_shape)
            self.weight.grad += (h * self.pass_.x_hat).reshape(rows).sum(axis=0)
            self.bias.grad += h.reshape(rows).sum(axis=0)
            h *= self.weight.data
        return self.pass_.back(h)
