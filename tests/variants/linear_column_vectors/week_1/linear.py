"""Examples as columns: everything is transposed inside, so results come back in Fortran order; casts to the dtype of x."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class Linear(Module):
    def __init__(self, in_features, out_features, bias=True, rng=None):
        self.in_features = in_features
        self.out_features = out_features
        if rng is None:
            rng = np.random.default_rng()
        s = 1 / np.sqrt(in_features)
        for name, shape in {"weight": (out_features, in_features), "bias": (out_features,)}.items():
            wanted = name == "weight" or bias
            setattr(self, name, Parameter(rng.uniform(-s, s, shape)) if wanted else None)

    def forward(self, x: Array) -> Array:
        require_shape("x", x, (..., self.in_features))
        self._input_shape = x.shape
        self._columns = np.reshape(x, (-1, self.in_features)).T
        y = self.weight.data.astype(x.dtype, copy=False) @ self._columns
        if self.bias is not None:
            y += self.bias.data.astype(x.dtype, copy=False)[:, None]
        return y.T.reshape(x.shape[:-1] + (self.out_features,))

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._input_shape[:-1] + (self.out_features,))
        g = np.reshape(grad_out, (-1, self.out_features)).T
        np.add(self.weight.grad, g @ self._columns.T, out=self.weight.grad, casting="same_kind")
        if self.bias is not None:
            np.add(self.bias.grad, g.sum(axis=1), out=self.bias.grad, casting="same_kind")
        dx = self.weight.data.astype(g.dtype, copy=False).T @ g
        return dx.T.reshape(self._input_shape)
