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
        self.in_features, self.out_features = in_features, out_features
        rng = rng or np.random.default_rng()
        k = 1 / np.sqrt(in_features)
        self.weight = Parameter(rng.uniform(-k, k, (out_features, in_features)))
        self.bias = Parameter(rng.uniform(-k, k, out_features)) if bias else None

    def forward(self, x: Array) -> Array:
        if x.shape[-1] != self.in_features:
            raise ValueError(f"x {x.shape} does not fit weight {self.weight.data.shape}")
        self.x = x
        out = x @ self.weight.data.T
        if self.bias is not None:
            out = out + self.bias.data
        return out

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape[:-1] != self.x.shape[:-1] or grad_out.shape[-1] != self.out_features:
            raise ValueError(f"grad_out {grad_out.shape} does not fit x {self.x.shape}")
        flat_grad = grad_out.reshape(-1, self.out_features)
        flat_x = self.x.reshape(-1, self.in_features)
        self.weight.grad = flat_grad.T @ flat_x
        if self.bias is not None:
            self.bias.grad += flat_grad.sum(axis=0)
        return grad_out @ self.weight.data
