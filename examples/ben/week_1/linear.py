"""The linear layer. forward works, backward is still to be written."""

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
            raise ValueError(f"x {x.shape} does not fit {self.weight.data.shape}")
        self.x = x
        out = x @ self.weight.data.T
        return out if self.bias is None else out + self.bias.data

    def backward(self, grad_out: Array) -> Array:
        # TODO check the shape, add both parameter gradients, return that of x
        raise NotImplementedError("week_1/linear.py: Linear.backward")
