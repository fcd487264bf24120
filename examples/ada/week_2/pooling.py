"""Max pooling of week 2, with the position of every maximum remembered."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from numpy.lib.stride_tricks import sliding_window_view


def two(value) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None, padding=0) -> None:
        self.kernel_size, self.padding = two(kernel_size), two(padding)
        self.stride = self.kernel_size if stride is None else two(stride)
        if min(self.kernel_size + self.stride) < 1 or min(self.padding) < 0:
            raise ValueError(f"kernel {kernel_size}, stride {stride}, padding {padding}")
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(f"padding {padding} is too much for the window {kernel_size}")

    def forward(self, x: Array) -> Array:
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        if x.ndim != 4 or x.shape[2] + 2 * ph < kh or x.shape[3] + 2 * pw < kw:
            raise ValueError(f"x is {x.shape}, the window {kh}x{kw}")
        padded = np.pad(x, [(0, 0), (0, 0), (ph, ph), (pw, pw)], constant_values=-np.inf)
        windows = sliding_window_view(padded, (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]
        flat = windows.reshape(*windows.shape[:4], kh * kw)
        self.winner = flat.argmax(axis=-1)  # argmax takes the first of equals, as torch does
        self.padded_shape = padded.shape
        return flat.max(axis=-1)

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.winner.shape:
            raise ValueError(f"grad_out is {grad_out.shape}, the output was {self.winner.shape}")
        n, c, u, v = np.indices(self.winner.shape)
        rows = u * self.stride[0] + self.winner // self.kernel_size[1]
        columns = v * self.stride[1] + self.winner % self.kernel_size[1]
        grad = np.zeros(self.padded_shape, grad_out.dtype)
        np.add.at(grad, (n, c, rows, columns), grad_out)
        (ph, pw), (height, width) = self.padding, self.padded_shape[2:]
        return grad[:, :, ph : height - ph, pw : width - pw]
