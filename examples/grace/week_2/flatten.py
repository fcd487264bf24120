"""Flatten."""

from __future__ import annotations

import math

from given.module import Array, Module


class Flatten(Module):
    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: Array) -> Array:
        last = self.end_dim % x.ndim + 1
        self.shape = x.shape
        joined = math.prod(x.shape[self.start_dim : last])
        return x.reshape(*x.shape[: self.start_dim], joined, *x.shape[last:])

    def backward(self, grad_out: Array) -> Array:
        return grad_out.reshape(self.shape)
