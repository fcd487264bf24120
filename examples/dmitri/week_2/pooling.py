"""Max pooling."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from numpy.lib.stride_tricks import sliding_window_view


def two(v):
    return (v, v) if isinstance(v, int) else tuple(v)


class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None, padding=0) -> None:
        self.kernel_size, self.padding = two(kernel_size), two(padding)
        self.stride = two(kernel_size if stride is None else stride)

    def windows(self, x: Array, writeable: bool = False) -> Array:
        sh, sw = self.stride
        view = sliding_window_view(x, self.kernel_size, axis=(2, 3), writeable=writeable)
        return view[:, :, ::sh, ::sw]

    def forward(self, x: Array) -> Array:
        ph, pw = self.padding
        self.x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=-np.inf)
        self.y = self.windows(self.x).max(axis=(-2, -1))
        return self.y

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.y.shape:
            raise ValueError(f"grad_out {grad_out.shape}, output {self.y.shape}")
        ph, pw = self.padding
        is_max = self.windows(self.x) == self.y[..., None, None]
        dx = np.zeros(self.x.shape, grad_out.dtype)
        target = self.windows(dx, writeable=True)
        for i, j in np.ndindex(*self.kernel_size):
            target[..., i, j] += grad_out * is_max[..., i, j]
        return dx[:, :, ph : dx.shape[2] - ph, pw : dx.shape[3] - pw]
