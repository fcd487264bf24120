"""Flatten of week 2."""

from __future__ import annotations

from given.module import Array, Module


class Flatten(Module):
    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Array) -> Array:
        axes = range(x.ndim)
        try:
            first, last = axes[self.start_dim], axes[self.end_dim]
        except IndexError:
            raise ValueError(f"{x.shape} has no axes {self.start_dim} to {self.end_dim}") from None
        if first > last:
            raise ValueError(f"axis {first} comes after axis {last}")
        self.before = x.shape
        y = x.reshape(*x.shape[:first], -1, *x.shape[last + 1 :])
        self.after = y.shape
        return y

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.after:
            raise ValueError(f"grad_out is {grad_out.shape}, the output was {self.after}")
        return grad_out.reshape(self.before)
