"""The linear layer of week 1."""

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
        draw = rng if rng is not None else np.random.default_rng()
        limit = in_features**-0.5
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(draw.uniform(-limit, limit, size=(out_features, in_features)))
        self.bias = None
        if bias:
            self.bias = Parameter(draw.uniform(-limit, limit, size=out_features))

    def forward(self, x: Array) -> Array:
        if x.shape[-1:] != (self.in_features,):
            raise ValueError(f"x is {x.shape}, its last axis must be {self.in_features}")
        self.x = x
        y = np.einsum("...d,kd->...k", x, self.weight.data)
        return y if self.bias is None else y + self.bias.data

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != (*self.x.shape[:-1], self.out_features):
            raise ValueError(f"grad_out is {grad_out.shape}, x was {self.x.shape}")
        batch = tuple(range(grad_out.ndim - 1))  # all axes but the last
        self.weight.grad += np.tensordot(grad_out, self.x, axes=(batch, batch))
        if self.bias is not None:
            self.bias.grad += grad_out.sum(axis=batch)
        return np.einsum("...k,kd->...d", grad_out, self.weight.data)
