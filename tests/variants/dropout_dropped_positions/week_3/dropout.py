"""Keeps the flat numbers of the dropped entries; backward is a function that forward leaves behind."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


class Dropout(Module):
    def __init__(self, p: float = 0.5, rng: np.random.Generator | None = None) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"p must be in [0, 1], not {p}")
        self.p = p
        self.rng = rng or np.random.default_rng()

    def forward(self, x: Array) -> Array:
        dropped, divisor = np.array([], dtype=np.intp), 1.0
        if self.training:
            draws = self.rng.random(np.size(x), dtype=np.float32)
            dropped = np.flatnonzero(draws < self.p)
            divisor = 1 - self.p if self.p < 1 else 1.0

        def thin(values: Array) -> Array:
            if np.shape(values) != np.shape(x):
                raise ValueError(f"grad_out {np.shape(values)} is not {np.shape(x)}")
            result = np.array(values) / divisor
            result = np.asarray(result)
            np.put(result, dropped, 0)
            return result

        self._thin = thin
        return thin(x)

    def backward(self, grad_out: Array) -> Array:
        return self._thin(grad_out)
