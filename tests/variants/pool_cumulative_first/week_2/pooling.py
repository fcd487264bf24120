"""The first maximum as the entry that equals it while the running count of such entries is 1."""

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

    def forward(self, x: Array) -> Array:
        require_shape("x", x, ("N", "C", "H", "W"))
        self._check(np.shape(x))
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        p = np.pad(x, ((0,), (0,), (ph,), (pw,)), constant_values=-np.inf)
        windows = sliding_window_view(p, (kh, kw), axis=(2, 3))[..., ::sh, ::sw, :, :]
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        y = np.max(flat, axis=-1)
        equal = flat == y[..., np.newaxis]
        self.chosen = equal & (np.cumsum(equal, axis=-1) == 1)
        self.shapes = x.shape, p.shape
        return y

    def _check(self, shape):
        for axis in (0, 1):
            kernel, padding = self.kernel_size[axis], self.padding[axis]
            if padding > kernel / 2:
                raise ValueError(f"padding {padding} > half of kernel {kernel}")
            if kernel > shape[2 + axis] + 2 * padding:
                raise ValueError(f"kernel {kernel} is too large for x {shape}, padding {padding}")

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.chosen.shape[:-1])
        (_, _, h, w), p_shape = self.shapes
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        u, v = grad_out.shape[2:]
        share = np.where(self.chosen, grad_out[..., None], np.zeros((), grad_out.dtype))
        dp = np.zeros(p_shape, grad_out.dtype)
        for number in range(kh * kw):
            i, j = divmod(number, kw)
            dp[..., i : i + sh * u : sh, j : j + sw * v : sw] += share[..., number]
        return dp[..., ph : ph + h, pw : pw + w]
