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
        generator = rng or np.random.default_rng()
        width = 1 / in_features**0.5
        self.weight = Parameter(generator.uniform(-width, width, (out_features, in_features)))
        self.bias = Parameter(generator.uniform(-width, width, out_features)) if bias else None

    def forward(self, x: Array) -> Array:
        if x.shape[-1] != self.weight.data.shape[1]:
            raise ValueError(f"x is {x.shape}, the weight {self.weight.data.shape}")
        self.x = x
        product = np.tensordot(x, self.weight.data, axes=(-1, -1))
        return product + self.bias.data if self.bias is not None else product

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != (*self.x.shape[:-1], len(self.weight.data)):
            raise ValueError(f"grad_out is {grad_out.shape}, x was {self.x.shape}")
        flat = grad_out.reshape(-1, grad_out.shape[-1])
        self.weight.grad += flat.T @ self.x.reshape(-1, self.x.shape[-1])
        if self.bias is not None:
            self.bias.grad += np.add.reduce(flat)
        return np.tensordot(grad_out, self.weight.data, axes=(-1, 0))
