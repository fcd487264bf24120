"""Convolution: windows times kernels, as one einsum."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from numpy.lib.stride_tricks import sliding_window_view


def twice(value):
    return (value, value) if np.isscalar(value) else tuple(value)


class Conv2d(Module):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, rng=None
    ) -> None:
        self.kernel_size, self.stride = twice(kernel_size), twice(stride)
        self.padding = twice(padding)
        rng = rng or np.random.default_rng()
        shape = (out_channels, in_channels, *self.kernel_size)
        s = 1 / np.sqrt(np.prod(shape[1:]))
        self.weight = Parameter(rng.uniform(-s, s, shape))
        self.bias = Parameter(rng.uniform(-s, s, out_channels)) if bias else None

    def view(self, padded: Array, writeable: bool = False) -> Array:
        view = sliding_window_view(padded, self.kernel_size, axis=(2, 3), writeable=writeable)
        return view[:, :, :: self.stride[0], :: self.stride[1]]

    def forward(self, x: Array) -> Array:
        if x.ndim != 4 or x.shape[1] != self.weight.data.shape[1]:
            raise ValueError(f"x {x.shape} for kernels {self.weight.data.shape}")
        (ph, pw) = self.padding
        self.padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        y = np.einsum("nchwij,kcij->nkhw", self.view(self.padded), self.weight.data, optimize=True)
        if self.bias is not None:
            y += self.bias.data[:, None, None]
        self.shape = y.shape
        return y

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.shape:
            raise ValueError(f"grad_out {grad_out.shape} for an output {self.shape}")
        windows = self.view(self.padded)
        self.weight.grad += np.einsum("nkhw,nchwij->kcij", grad_out, windows, optimize=True)
        if self.bias is not None:
            self.bias.grad += np.einsum("nkhw->k", grad_out)
        spread = np.einsum("nkhw,kcij->nchwij", grad_out, self.weight.data, optimize=True)
        d_padded = np.zeros_like(self.padded)
        d_windows = self.view(d_padded, writeable=True)
        for i, j in np.ndindex(self.kernel_size):
            d_windows[..., i, j] += spread[..., i, j]
        (ph, pw), (height, width) = self.padding, d_padded.shape[2:]
        return d_padded[:, :, ph : height - ph, pw : width - pw]
