"""Convolution with im2col."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter


def two(v):
    return (v, v) if isinstance(v, int) else tuple(v)


class Conv2d(Module):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, rng=None
    ) -> None:
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.stride, self.padding = two(kernel_size), two(stride), two(padding)
        rng = rng or np.random.default_rng()
        shape = (out_channels, in_channels, *self.kernel_size)
        s = 1 / np.sqrt(in_channels * self.kernel_size[0] * self.kernel_size[1])
        self.weight = Parameter(rng.uniform(-s, s, shape))
        self.bias = Parameter(rng.uniform(-s, s, out_channels)) if bias else None

    def forward(self, x: Array) -> Array:
        if x.ndim != 4 or x.shape[1] != self.in_channels:
            raise ValueError(f"x {x.shape}, channels {self.in_channels}")
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        self.x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        n, c, h, w = self.x.shape
        if h < kh or w < kw:
            raise ValueError(f"kernel {(kh, kw)} does not fit {(h, w)}")
        self.out = (h - kh) // sh + 1, (w - kw) // sw + 1
        self.cols = np.empty((n, c, kh, kw, *self.out), x.dtype)
        for i in range(kh):
            for j in range(kw):
                self.cols[:, :, i, j] = self.x[:, :, i::sh, j::sw][
                    :, :, : self.out[0], : self.out[1]
                ]
        # a convolution: the kernel is mirrored
        kernel = self.weight.data[:, :, ::-1, ::-1]
        y = np.tensordot(kernel, self.cols, axes=((1, 2, 3), (1, 2, 3))).swapaxes(0, 1)
        return y if self.bias is None else y + self.bias.data[:, None, None]

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != (len(self.x), self.out_channels, *self.out):
            raise ValueError(f"grad_out {grad_out.shape}")
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        grad = np.tensordot(grad_out, self.cols, axes=((0, 2, 3), (0, 4, 5)))
        self.weight.grad += grad[:, :, ::-1, ::-1]
        if self.bias is not None:
            self.bias.grad += grad_out.sum(axis=(0, 2, 3))
        kernel = self.weight.data[:, :, ::-1, ::-1]
        d_cols = np.tensordot(kernel, grad_out, axes=((0,), (1,)))  # (C, kh, kw, N, H', W')
        dx = np.zeros_like(self.x)
        for i in range(kh):
            for j in range(kw):
                part = dx[:, :, i::sh, j::sw][:, :, : self.out[0], : self.out[1]]
                part += d_cols[:, i, j].swapaxes(0, 1)
        return dx[:, :, ph : dx.shape[2] - ph, pw : dx.shape[3] - pw]
