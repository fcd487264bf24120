"""The table column by column from a generator; adds in place to a copy; backward returns a copy."""

import math

import numpy as np
from given.module import Module
from given.shapes import require_shape


class PositionalEncoding(Module):
    def __init__(self, d_model, max_len=5000):
        self.d_model, self.max_len = d_model, max_len
        t = np.arange(max_len, dtype=float)
        log = math.log(10000.0)
        columns = (
            (np.cos if column % 2 else np.sin)(t * math.exp(-log * (column - column % 2) / d_model))
            for column in range(d_model)
        )
        self.pe = np.stack(list(columns), axis=1)
        self.pe.setflags(write=False)

    def forward(self, x):
        require_shape("x", x, ("N", "T", self.d_model))
        steps = x.shape[1]
        if steps > self.max_len:
            raise ValueError(f"{steps} positions in {x.shape}, but max_len is {self.max_len}")
        self.x_shape = x.shape
        y = np.array(x, order="C")
        y += self.pe[:steps].astype(y.dtype)
        return y

    def backward(self, grad_out):
        require_shape("grad_out", grad_out, self.x_shape)
        return np.array(grad_out)
