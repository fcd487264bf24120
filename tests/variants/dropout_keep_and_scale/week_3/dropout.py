"""A boolean keep and a scale apart; in evaluation x itself and grad_out itself come back, not copies."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


class Dropout(Module):
    def __init__(self, p: float = 0.5, rng: np.random.Generator | None = None) -> None:
        if p < 0 or p > 1:
            raise ValueError(f"{p} is no probability")
        self.p, self.rng = p, rng or np.random.default_rng()

    @property
    def scale(self) -> float:
        return 1 / (1 - self.p) if self.p < 1 else 0.0

    def forward(self, x: Array) -> Array:
        self.shape = x.shape
        self.keep = self.rng.uniform(size=x.shape) >= self.p if self.training else None
        return x if self.keep is None else self._through(x)

    def _through(self, values: Array) -> Array:
        return np.where(self.keep, values * self.scale, 0)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.shape)
        return grad_out if self.keep is None else self._through(grad_out)
