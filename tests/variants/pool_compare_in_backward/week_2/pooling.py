"""Keeps x and y only; backward walks through the kernel's places again with a mask of windows still to serve."""

from __future__ import annotations

from itertools import product

import numpy as np
from given.module import Array, Module
from given.shapes import pair, require_shape


class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None, padding=0):
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = pair("stride", kernel_size if stride is None else stride, 1)
        self.padding = pair("padding", padding, 0)

    def _slices(self):
        for i, j in product(range(self.kernel_size[0]), range(self.kernel_size[1])):
            yield (
                ...,
                slice(i, i + self._y.shape[2] * self.stride[0], self.stride[0]),
                slice(j, j + self._y.shape[3] * self.stride[1], self.stride[1]),
            )

    def forward(self, x: Array) -> Array:
        require_shape("x", x, ("N", "C", "H", "W"))
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        if ph * 2 > kh or pw * 2 > kw:
            raise ValueError(f"padding {self.padding}: at most half of kernel {self.kernel_size}")
        self._p = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=-np.inf)
        size = [(self._p.shape[2] - kh) // sh + 1, (self._p.shape[3] - kw) // sw + 1]
        if size[0] <= 0 or size[1] <= 0:
            raise ValueError(f"x {x.shape} is smaller than the kernel {self.kernel_size}")
        self._y = np.empty((*x.shape[:2], *size), x.dtype)
        self._y.fill(-np.inf)
        for part in self._slices():
            np.maximum(self._y, self._p[part], out=self._y)
        return self._y.copy()

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._y.shape)
        waiting = np.ones(self._y.shape, dtype=bool)
        dp = np.zeros(self._p.shape, dtype=grad_out.dtype)
        for part in self._slices():
            served = waiting & (self._p[part] == self._y)
            dp[part][served] += grad_out[served]
            waiting &= ~served
        ph, pw = self.padding
        inner = slice(ph, dp.shape[2] - ph), slice(pw, dp.shape[3] - pw)
        return dp[:, :, *inner]
