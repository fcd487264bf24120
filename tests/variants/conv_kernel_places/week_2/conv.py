"""No im2col: for each place of the kernel a strided slice of the image and a product over channels."""

from __future__ import annotations

import itertools
import math

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import pair, require_shape


class Conv2d(Module):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, rng=None
    ):
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = pair("stride", stride, 1)
        self.padding = pair("padding", padding, 0)
        rng = rng or np.random.default_rng()
        kh, kw = self.kernel_size
        s = 1 / math.sqrt(in_channels * kh * kw)
        self.weight = Parameter(rng.uniform(-s, s, (out_channels, in_channels, kh, kw)))
        self.bias = Parameter(rng.uniform(-s, s, (out_channels,))) if bias else None

    def _places(self):
        """Every place of the kernel, and the part of the padded image that it meets."""
        (sh, sw), (_, _, rows, columns) = self.stride, self.out_shape
        for i, j in itertools.product(*map(range, self.kernel_size)):
            down = slice(i, i + (rows - 1) * sh + 1, sh)
            right = slice(j, j + (columns - 1) * sw + 1, sw)
            yield i, j, (slice(None), slice(None), down, right)

    def forward(self, x: Array) -> Array:
        require_shape("x", x, ("N", self.in_channels, "H", "W"))
        n, c, h, w = x.shape
        ph, pw = self.padding
        padded = np.zeros((n, c, h + 2 * ph, w + 2 * pw), x.dtype)
        padded[:, :, ph : ph + h, pw : pw + w] = x
        sizes = [
            (size - kernel) // step + 1
            for size, kernel, step in zip(padded.shape[2:], self.kernel_size, self.stride)
        ]
        if min(sizes) < 1:
            raise ValueError(f"x {x.shape}, padded {padded.shape}: too small for {self.kernel_size}")
        self.padded, self.in_shape = padded, x.shape
        self.out_shape = (n, self.out_channels, *sizes)
        y = np.zeros(self.out_shape, dtype=x.dtype)
        if self.bias is not None:
            y += self.bias.data[:, None, None]
        for i, j, part in self._places():
            y += np.einsum("kc,nchw->nkhw", self.weight.data[:, :, i, j], padded[part])
        return y

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.out_shape)
        _, _, h, w = self.in_shape
        ph, pw = self.padding
        d_padded = np.zeros_like(self.padded)
        for i, j, part in self._places():
            w_ij = self.weight.data[:, :, i, j]
            self.weight.grad[:, :, i, j] += np.tensordot(
                grad_out, self.padded[part], axes=([0, 2, 3], [0, 2, 3])
            )
            d_padded[part] += np.einsum("kc,nkhw->nchw", w_ij, grad_out)
        if self.bias is not None:
            self.bias.grad += grad_out.sum(axis=(0, 2, 3))
        return d_padded[:, :, ph : ph + h, pw : pw + w]
