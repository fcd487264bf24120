"""Joins two neighbouring axes and calls itself until one is left; returns a copy."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


def _join(x: Array, first: int, last: int) -> Array:
    if first == last:
        return x
    *before, a, b = x.shape[: last + 1]
    return _join(x.reshape(*before, a * b, *x.shape[last + 1 :]), first, last - 1)


class Flatten(Module):
    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Array) -> Array:
        axes = range(x.ndim)
        try:
            first, last = axes[self.start_dim], axes[self.end_dim]
        except IndexError as error:
            raise ValueError(
                f"x of shape {x.shape} lacks axis {self.start_dim} or {self.end_dim}"
            ) from error
        if last < first:
            raise ValueError(f"start_dim {self.start_dim} lies behind end_dim {self.end_dim}")
        self._before = np.empty(x.shape, dtype=bool)
        self._after = _join(self._before, first, last).shape
        return _join(np.array(x), first, last)

    def backward(self, grad_out: Array) -> Array:
        if np.shape(grad_out) != self._after:
            raise ValueError(f"shape {np.shape(grad_out)} instead of {self._after}")
        dx = np.empty(self._before.shape, grad_out.dtype)
        dx.flat = np.ravel(grad_out)
        return dx
