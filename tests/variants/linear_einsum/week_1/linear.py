"""einsum with an ellipsis throughout; gradients are rebound instead of added in place."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class Linear(Module):
    def __init__(self, in_features, out_features, bias=True, rng=None):
        self.in_features, self.out_features = in_features, out_features
        rng = np.random.default_rng() if rng is None else rng
        bound = in_features**-0.5
        self.weight = Parameter(rng.uniform(-bound, bound, size=(out_features, in_features)))
        self.bias = Parameter(rng.uniform(-bound, bound, size=out_features)) if bias else None

    def forward(self, x: Array) -> Array:
        require_shape("x", x, (..., self.in_features))
        self.x = x
        y = np.einsum("...d,kd->...k", x, self.weight.data)
        return y if self.bias is None else y + self.bias.data

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, (*self.x.shape[:-1], self.out_features))
        g = grad_out.reshape(-1, self.out_features)
        x = self.x.reshape(-1, self.in_features)
        self.weight.grad = self.weight.grad + np.einsum("nk,nd->kd", g, x)
        if self.bias is not None:
            self.bias.grad = self.bias.grad + np.einsum("nk->k", g)
        return np.einsum("...k,kd->...d", grad_out, self.weight.data)
