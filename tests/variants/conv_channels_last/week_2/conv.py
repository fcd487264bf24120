"""Channels last inside; a weight matrix by place; col2im as a bincount over flat pixel numbers."""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import pair, require_shape


class KernelTooLarge(ValueError):
    pass


class Conv2d(Module):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, rng=None
    ):
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = pair("stride", stride, 1)
        self.padding = pair("padding", padding, 0)
        rng = rng or np.random.default_rng()
        self.bias = None
        s = 1 / math.sqrt(in_channels * self.kernel_size[0] * self.kernel_size[1])
        self.weight = Parameter(rng.uniform(-s, s, (out_channels, in_channels, *self.kernel_size)))
        if bias:
            self.bias = Parameter(rng.uniform(-s, s, (out_channels,)))

    def _pixel_numbers(self, n: int, h: int, w: int) -> Array:
        """(N, H', W', kh, kw): the number of the pixel at each place of each window."""
        (kh, kw), (sh, sw) = self.kernel_size, self.stride
        numbers = np.arange(n * h * w).reshape(n, h, w)
        windows = np.lib.stride_tricks.sliding_window_view(numbers, (kh, kw), axis=(1, 2))
        return windows[:, ::sh, ::sw]

    def forward(self, x: Array) -> Array:
        require_shape("x", x, ("N", self.in_channels, "H", "W"))
        ph, pw = self.padding
        p = np.pad(x.transpose(0, 2, 3, 1), ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        self._padded_shape = p.shape
        if p.shape[1] < self.kernel_size[0] or p.shape[2] < self.kernel_size[1]:
            raise KernelTooLarge(f"{self.kernel_size} in a padded image of {p.shape[1:3]}")
        self._numbers = self._pixel_numbers(*p.shape[:3])
        pixels = p.reshape(-1, self.in_channels)
        n, u, v, kh, kw = self._numbers.shape
        self._rows = pixels[self._numbers].reshape(n * u * v, kh * kw * self.in_channels)
        y = self._rows.dot(self._matrix())
        if self.bias is not None:
            y += self.bias.data
        self._y_shape = (n, self.out_channels, u, v)
        return y.reshape(n, u, v, self.out_channels).transpose(0, 3, 1, 2)

    def _matrix(self) -> Array:
        return self.weight.data.transpose(2, 3, 1, 0).reshape(-1, self.out_channels)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._y_shape)
        (kh, kw), c, k = self.kernel_size, self.in_channels, self.out_channels
        g = grad_out.transpose(0, 2, 3, 1).reshape(-1, k)
        dw = (self._rows.T @ g).reshape(kh, kw, c, k)
        self.weight.grad += dw.transpose(3, 2, 0, 1)
        if self.bias is not None:
            self.bias.grad += np.ones(len(g), g.dtype) @ g
        d = (g @ self._matrix().T).reshape(-1, c)
        target = self._numbers.reshape(-1, 1) * c + np.arange(c)
        size = math.prod(self._padded_shape)
        dp = np.bincount(target.ravel(), weights=d.ravel(), minlength=size)
        dp = dp.astype(grad_out.dtype).reshape(self._padded_shape).transpose(0, 3, 1, 2)
        (ph, pw), (_, height, width, _) = self.padding, self._padded_shape
        return dp[:, :, ph : height - ph, pw : width - pw]
