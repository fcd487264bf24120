"""Stacks the two paths and sums over the new axis; keeps nothing but a shape; calls the module with ()."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


class ResidualBlock(Module):
    def __init__(self, module: Module) -> None:
        self.module = module

    def forward(self, x: Array) -> Array:
        paths = [x, self.module(x)]
        require_shape("F(x)", paths[1], x.shape)
        self.shape = x.shape
        return np.sum(np.stack(paths), axis=0)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.shape)
        return np.add.reduce([grad_out, self.module.backward(grad_out)])
