"""A running maximum over the kernel's places, which also remembers the place: strictly greater wins."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from given.shapes import pair, require_shape


class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None, padding=0):
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = pair("stride", kernel_size if stride is None else stride, 1)
        self.padding = pair("padding", padding, 0)

    def _views(self, p: Array):
        (sh, sw), (rows, columns) = self.stride, self.y_shape[2:]
        for place in np.ndindex(*self.kernel_size):
            i, j = place
            yield p[:, :, i:, j:][:, :, : sh * rows : sh, : sw * columns : sw]

    def forward(self, x: Array) -> Array:
        require_shape("x", x, ("N", "C", "H", "W"))
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size)):
            raise ValueError(f"padding {self.padding} is over half the kernel {self.kernel_size}")
        n, c, h, w = x.shape
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        rows, columns = (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1
        if rows < 1 or columns < 1:
            raise ValueError(f"kernel {self.kernel_size} doesn't fit into {x.shape} with padding")
        self.x_shape, self.y_shape = x.shape, (n, c, rows, columns)
        p = np.full((n, c, h + 2 * ph, w + 2 * pw), -np.inf, dtype=x.dtype)
        p[:, :, ph : ph + h, pw : pw + w] = x
        best = np.full(self.y_shape, -np.inf, dtype=x.dtype)
        self.place = np.zeros(self.y_shape, dtype=np.intp)
        for number, view in enumerate(self._views(p)):
            better = view > best
            best = np.where(better, view, best)
            self.place[better] = number
        return best

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.y_shape)
        n, c, h, w = self.x_shape
        ph, pw = self.padding
        dp = np.zeros((n, c, h + 2 * ph, w + 2 * pw), dtype=grad_out.dtype)
        for number, view in enumerate(self._views(dp)):
            view += grad_out * (self.place == number)
        return dp[:, :, ph : ph + h, pw : pw + w].copy()
