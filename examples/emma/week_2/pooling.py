"""Week 2: max pooling."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from numpy.lib.stride_tricks import sliding_window_view


def as_pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None, padding=0) -> None:
        self.kernel_size = as_pair(kernel_size)
        self.stride = self.kernel_size if stride is None else as_pair(stride)
        self.padding = as_pair(padding)

    def windows(self, padded: Array, writeable: bool = False) -> Array:
        sh, sw = self.stride
        view = sliding_window_view(padded, self.kernel_size, axis=(2, 3), writeable=writeable)
        return view[:, :, ::sh, ::sw]

    def forward(self, x: Array) -> Array:
        ph, pw = self.padding
        self.padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        self.y = self.windows(self.padded).max(axis=(4, 5))
        return self.y

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.y.shape:
            raise ValueError(f"grad_out {grad_out.shape}, output {self.y.shape}")
        windows = self.windows(self.padded)
        d_padded = np.zeros(self.padded.shape, grad_out.dtype)
        target = self.windows(d_padded, writeable=True)
        for i in range(self.kernel_size[0]):
            for j in range(self.kernel_size[1]):
                target[..., i, j] += grad_out * (windows[..., i, j] == self.y)
        ph, pw = self.padding
        rows, columns = d_padded.shape[2:]
        return d_padded[:, :, ph : rows - ph, pw : columns - pw]
