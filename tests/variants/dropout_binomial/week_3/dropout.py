"""The mask comes from rng.binomial; evaluation multiplies by a mask of ones."""

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


class Dropout(Module):
    def __init__(self, p: float = 0.5, rng: np.random.Generator | None = None) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"p must be in [0, 1], not {p}")
        self.p = p
        self.rng = rng or np.random.default_rng()

    def forward(self, x: Array) -> Array:
        if not self.training:
            self.mask = np.ones_like(x)
        elif self.p == 1:
            self.mask = np.zeros_like(x)
        else:
            kept = self.rng.binomial(1, 1 - self.p, size=np.shape(x))
            self.mask = np.asarray(kept, dtype=x.dtype) / (1 - self.p)
        return x * self.mask

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, np.shape(self.mask))
        return grad_out * self.mask
