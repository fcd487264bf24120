"""Flatten."""

from __future__ import annotations

from given.module import Array, Module


class Flatten(Module):
    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Array) -> Array:
        axes = range(-x.ndim, x.ndim)
        start, end = self.start_dim % x.ndim, self.end_dim % x.ndim
        if self.start_dim not in axes or self.end_dim not in axes or start > end:
            raise ValueError(f"x has the shape {x.shape}, not these axes")
        self.shape = x.shape
        self.y = x.reshape(*x.shape[:start], -1, *x.shape[end + 1 :])
        return self.y

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.y.shape:
            raise ValueError(f"grad_out has the shape {grad_out.shape}, y had {self.y.shape}")
        return grad_out.reshape(self.shape)
