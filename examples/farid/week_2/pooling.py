from __future__ import annotations

import numpy as np
from given.module import Array, Module
from numpy.lib.stride_tricks import sliding_window_view


def pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)


class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None, padding=0) -> None:
        self.kernel, self.padding = pair(kernel_size), pair(padding)
        self.stride = self.kernel if stride is None else pair(stride)

    def forward(self, x: Array) -> Array:
        (ph, pw), (sh, sw) = self.padding, self.stride
        padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        windows = sliding_window_view(padded, self.kernel, axis=(2, 3))[:, :, ::sh, ::sw]
        flat = windows.reshape(*windows.shape[:4], -1)
        self.argmax, self.padded_shape = flat.argmax(axis=-1), padded.shape
        return flat.max(axis=-1)

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.argmax.shape:
            raise ValueError(f"grad_out {grad_out.shape} does not fit {self.argmax.shape}")
        (ph, pw), (sh, sw) = self.padding, self.stride
        dx = np.zeros(self.padded_shape)
        n, c, u, v = np.indices(grad_out.shape)
        i, j = self.argmax // self.kernel[1], self.argmax % self.kernel[1]
        np.add.at(dx, (n, c, u * sh + i, v * sw + j), grad_out)
        return dx[:, :, ph : dx.shape[2] - ph, pw : dx.shape[3] - pw]
