"""Week 2: convolution."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from numpy.lib.stride_tricks import sliding_window_view


def as_pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


class Conv2d(Module):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, rng=None
    ) -> None:
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = as_pair(kernel_size)
        self.stride, self.padding = as_pair(stride), as_pair(padding)
        rng = rng or np.random.default_rng()
        size = (out_channels, in_channels, *self.kernel_size)
        bound = np.sqrt(1 / (in_channels * self.kernel_size[0] * self.kernel_size[1]))
        self.weight = Parameter(rng.uniform(-bound, bound, size))
        self.bias = Parameter(rng.uniform(-bound, bound, out_channels)) if bias else None

    def windows(self, padded: Array, writeable: bool = False) -> Array:
        sh, sw = self.stride
        view = sliding_window_view(padded, self.kernel_size, axis=(2, 3), writeable=writeable)
        return view[:, :, ::sh, ::sw]  # (N, C, H', W', kh, kw)

    def forward(self, x: Array) -> Array:
        if x.ndim != 4 or x.shape[1] != self.in_channels:
            raise ValueError(f"x {x.shape}, weight {self.weight.data.shape}")
        ph, pw = self.padding
        self.padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        windows = self.windows(self.padded)
        y = np.einsum("nchwij,kcij->nkhw", windows, self.weight.data, optimize=True)
        if self.bias is not None:
            y = y + self.bias.data[None, :, None, None]
        self.out_shape = y.shape
        return y

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.out_shape:
            raise ValueError(f"grad_out {grad_out.shape}, output {self.out_shape}")
        windows = self.windows(self.padded)
        self.weight.grad += np.einsum("nkhw,nchwij->kcij", grad_out, windows, optimize=True)
        if self.bias is not None:
            self.bias.grad += grad_out.sum(axis=(0, 2, 3))
        d_windows = np.einsum("nkhw,kcij->nchwij", grad_out, self.weight.data, optimize=True)
        d_padded = np.zeros_like(self.padded)
        target = self.windows(d_padded, writeable=True)
        for i in range(self.kernel_size[0]):
            for j in range(self.kernel_size[1]):
                target[..., i, j] += d_windows[..., i, j]
        return d_padded
