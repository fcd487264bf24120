"""Linear."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter


class Linear(Module):
    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.in_features = in_features
        self.out_features = out_features
        rng = rng or np.random.default_rng()
        s = 1 / np.sqrt(in_features)
        self.weight = Parameter(rng.uniform(-s, s, (out_features, in_features)))
        self.bias = Parameter(rng.uniform(-s, s, out_features)) if bias else None

    def forward(self, x: Array) -> Array:
        if x.shape[-1] != self.in_features:
            raise ValueError(f"{x.shape} has no last axis of {self.in_features}")
        self.x = x.reshape(-1, self.in_features)
        self.batch = x.shape[:-1]
        y = self.x @ self.weight.data.T
        if self.bias is not None:
            y = y + self.bias.data
        return y.reshape(*self.batch, self.out_features)

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != (*self.batch, self.out_features):
            raise ValueError(f"{grad_out.shape} instead of {(*self.batch, self.out_features)}")
        g = grad_out.reshape(-1, self.out_features)
        self.weight.grad = g.T @ self.x
        if self.bias is not None:
            self.bias.grad = g.sum(axis=0)
        return (g @ self.weight.data).reshape(*self.batch, self.in_features)
