from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from numpy.lib.stride_tricks import sliding_window_view


def pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)


class Conv2d(Module):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, rng=None
    ) -> None:
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel, self.stride, self.padding = pair(kernel_size), pair(stride), pair(padding)
        rng = rng or np.random.default_rng()
        k = 1 / np.sqrt(in_channels * self.kernel[0] * self.kernel[1])
        self.weight = Parameter(rng.uniform(-k, k, (out_channels, in_channels, *self.kernel)))
        self.bias = Parameter(rng.uniform(-k, k, out_channels)) if bias else None

    def forward(self, x: Array) -> Array:
        if x.ndim != 4 or x.shape[1] != self.in_channels:
            raise ValueError(f"x {x.shape} does not fit weight {self.weight.data.shape}")
        (ph, pw), (sh, sw) = self.padding, self.stride
        self.padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        windows = sliding_window_view(self.padded, self.kernel, axis=(2, 3))
        self.windows = windows[:, :, ::sh, ::sw]
        out = np.tensordot(self.windows, self.weight.data, axes=((1, 4, 5), (1, 2, 3)))
        if self.bias is not None:
            out = out + self.bias.data
        self.out_shape = (len(x), self.out_channels, *out.shape[1:3])
        return out.transpose(0, 3, 1, 2)

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.out_shape:
            raise ValueError(f"grad_out {grad_out.shape} does not fit {self.out_shape}")
        (ph, pw), (sh, sw), (kh, kw) = self.padding, self.stride, self.kernel
        self.weight.grad += np.tensordot(grad_out, self.windows, axes=((0, 2, 3), (0, 2, 3)))
        if self.bias is not None:
            self.bias.grad += grad_out[-1].sum(axis=(1, 2))
        dx = np.zeros_like(self.padded)
        height, width = grad_out.shape[2:]
        for u in range(height):
            for v in range(width):
                part = np.tensordot(grad_out[:, :, u, v], self.weight.data, axes=(1, 0))
                dx[:, :, u * sh : u * sh + kh, v * sw : v * sw + kw] += part
        return dx[:, :, ph : dx.shape[2] - ph, pw : dx.shape[3] - pw]
