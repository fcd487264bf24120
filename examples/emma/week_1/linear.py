"""Week 1: the linear layer."""

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
        bound = np.sqrt(1 / in_features)
        self.weight = Parameter(rng.uniform(-bound, bound, (out_features, in_features)))
        self.bias = Parameter(rng.uniform(-bound, bound, (out_features,))) if bias else None

    def forward(self, x: Array) -> Array:
        if x.shape[-1] != self.in_features:
            raise ValueError(f"x {x.shape}, weight {self.weight.data.shape}")
        self.x = x
        y = np.matmul(x, self.weight.data.T)
        if self.bias is not None:
            y += self.bias.data
        return y

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != (*self.x.shape[:-1], self.out_features):
            raise ValueError(f"grad_out {grad_out.shape}, x {self.x.shape}")
        g = grad_out.reshape(-1, self.out_features)
        x = self.x.reshape(-1, self.in_features)
        self.weight.grad += np.dot(g.T, x)
        if self.bias is not None:
            self.bias.grad += g.sum(0)
        return np.matmul(grad_out, self.weight.data)
