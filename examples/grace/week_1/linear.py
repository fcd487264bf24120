"""The linear layer."""

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
        rng = rng or np.random.default_rng()
        s = 1 / np.sqrt(in_features)
        self.weight = Parameter(rng.uniform(-s, s, (out_features, in_features)))
        self.bias = Parameter(rng.uniform(-s, s, out_features)) if bias else None

    def forward(self, x: Array) -> Array:
        outputs, inputs = self.weight.data.shape
        if x.shape[-1] != inputs:
            raise ValueError(f"x {x.shape} for {inputs} inputs")
        self.x = x.reshape(-1, inputs)
        self.batch = x.shape[:-1]
        y = self.x @ self.weight.data.T
        if self.bias is not None:
            y += self.bias.data
        return y.reshape(*self.batch, outputs)

    def backward(self, grad_out: Array) -> Array:
        outputs, inputs = self.weight.data.shape
        if grad_out.shape != (*self.batch, outputs):
            raise ValueError(f"grad_out {grad_out.shape} for {outputs} outputs")
        g = grad_out.reshape(-1, outputs)
        self.weight.grad += g.T @ self.x
        if self.bias is not None:
            self.bias.grad += g.sum(axis=0)
        return (g @ self.weight.data).reshape(*self.batch, inputs)
