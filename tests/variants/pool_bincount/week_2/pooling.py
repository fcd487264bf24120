"""Flat pixel numbers: the position of each maximum is kept, and bincount adds the gradients up."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from given.shapes import pair, require_shape
from numpy.lib.stride_tricks import sliding_window_view


class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None, padding=0):
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = pair("stride", kernel_size if stride is None else stride, 1)
        self.padding = pair("padding", padding, 0)

    def _all_windows(self, array: Array) -> Array:
        sh, sw = self.stride
        view = sliding_window_view(array, self.kernel_size, axis=(2, 3))[:, :, ::sh, ::sw]
        return view.reshape(view.shape[:4] + (-1,))

    def forward(self, x: Array) -> Array:
        require_shape("x", x, ("N", "C", "H", "W"))
        if max(np.multiply(self.padding, 2) - self.kernel_size) > 0:
            raise ValueError(f"too much padding {self.padding} for kernel {self.kernel_size}")
        if min(np.add(x.shape[2:], np.multiply(self.padding, 2)) - self.kernel_size) < 0:
            raise ValueError(f"{self.kernel_size} windows don't fit {x.shape}, pad {self.padding}")
        (ph, pw), numbers = self.padding, np.arange(x.size).reshape(x.shape)
        around = [(0, 0), (0, 0), (ph, ph), (pw, pw)]
        values = self._all_windows(np.pad(x, around, constant_values=-np.inf))
        numbers = self._all_windows(np.pad(numbers, around, constant_values=-1))
        first = values.argmax(axis=-1)[..., None]
        self.winners = np.take_along_axis(numbers, first, axis=-1)[..., 0]
        self.x_shape = x.shape
        return x.reshape(-1)[self.winners]

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.winners.shape)
        size = int(np.prod(self.x_shape))
        total = np.bincount(self.winners.ravel(), weights=grad_out.ravel(), minlength=size)
        return np.asarray(total, dtype=grad_out.dtype).reshape(self.x_shape)
