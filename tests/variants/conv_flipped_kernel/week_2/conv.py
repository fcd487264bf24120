"""dx as a full correlation of the spread-out gradient with the flipped kernel; einsum on sliding windows."""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import pair, require_shape
from numpy.lib.stride_tricks import sliding_window_view


def _windows(x: Array, kernel: tuple[int, int]) -> Array:
    return sliding_window_view(x, kernel, axis=(-2, -1))


class Conv2d(Module):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, rng=None
    ):
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = pair("stride", stride, 1)
        self.padding = pair("padding", padding, 0)
        rng = rng or np.random.default_rng()
        s = 1 / math.sqrt(in_channels * math.prod(self.kernel_size))
        self.weight = Parameter(rng.uniform(-s, s, (out_channels, in_channels, *self.kernel_size)))
        self.bias = Parameter(rng.uniform(-s, s, (out_channels,))) if bias else None

    def _padded(self, x: Array) -> Array:
        ph, pw = self.padding
        return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))

    def forward(self, x: Array) -> Array:
        require_shape("x", x, ("N", self.in_channels, "H", "W"))
        p = self._padded(x)
        if any(size < k for size, k in zip(p.shape[2:], self.kernel_size, strict=True)):
            raise ValueError(f"padded image {p.shape}, kernel {self.kernel_size}: does not fit")
        self.x = x
        seen = _windows(p, self.kernel_size)[:, :, :: self.stride[0], :: self.stride[1]]
        y = np.einsum("ncuvij,kcij->nkuv", seen, self.weight.data, optimize=True)
        if self.bias is not None:
            y = y + self.bias.data[None, :, None, None]
        self.y_shape = y.shape
        return y

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.y_shape)
        (sh, sw), (kh, kw), p = self.stride, self.kernel_size, self._padded(self.x)
        seen = _windows(p, self.kernel_size)[:, :, ::sh, ::sw]
        self.weight.grad += np.einsum("ncuvij,nkuv->kcij", seen, grad_out, optimize=True)
        if self.bias is not None:
            self.bias.grad += np.einsum("nkuv->k", grad_out)
        # stride 1 would have produced this gradient, with zeros between the entries
        full = (p.shape[2] + kh - 1, p.shape[3] + kw - 1)
        spread = np.zeros((*grad_out.shape[:2], *full), dtype=grad_out.dtype)
        spread[:, :, kh - 1 : kh - 1 + sh * self.y_shape[2] : sh,
               kw - 1 : kw - 1 + sw * self.y_shape[3] : sw] = grad_out  # fmt: skip
        flipped = self.weight.data[:, :, ::-1, ::-1]
        dp = np.einsum("nkuvij,kcij->ncuv", _windows(spread, (kh, kw)), flipped, optimize=True)
        height, width = self.x.shape[2:]
        return dp[:, :, self.padding[0] :, self.padding[1] :][:, :, :height, :width]
