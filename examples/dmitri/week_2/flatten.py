"""Flatten."""

from __future__ import annotations

from given.module import Array, Module


class Flatten(Module):
    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Array) -> Array:
        start, end = self.start_dim % x.ndim, self.end_dim % x.ndim
        self.shape = x.shape
        return x.reshape(*x.shape[:start], -1, *x.shape[end + 1 :])

    def backward(self, grad_out: Array) -> Array:
        return grad_out.reshape(self.shape)
