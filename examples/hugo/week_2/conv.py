"""Conv2d: im2col with index arrays, so that backward is one np.add.at."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter


def pair(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


class Conv2d(Module):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, rng=None
    ) -> None:
        self.kernel_size, self.stride = pair(kernel_size), pair(stride)
        self.padding = pair(padding)
        if min(*self.kernel_size, *self.stride) < 1 or min(self.padding) < 0:
            raise ValueError(f"kernel {kernel_size}, stride {stride}, padding {padding}")
        generator = rng or np.random.default_rng()
        shape = (out_channels, in_channels, *self.kernel_size)
        width = 1 / np.prod(shape[1:]) ** 0.5
        self.weight = Parameter(generator.uniform(-width, width, shape))
        self.bias = Parameter(generator.uniform(-width, width, out_channels)) if bias else None

    def indices(self, shape):
        """Channel, row and column of every entry of every window: (C·kh·kw, H'·W') each."""
        (kh, kw), (sh, sw) = self.kernel_size, self.stride
        height, width = (shape[2] - kh) // sh + 1, (shape[3] - kw) // sw + 1
        c, i, j = (a.reshape(-1, 1) for a in np.indices((shape[1], kh, kw)))
        u, v = (a.reshape(1, -1) for a in np.indices((height, width)))
        return c, i + u * sh, j + v * sw, height, width

    def forward(self, x: Array) -> Array:
        if x.ndim != 4 or x.shape[1] != self.weight.data.shape[1]:
            raise ValueError(f"x is {x.shape}, the weight {self.weight.data.shape}")
        (ph, pw), (kh, kw) = self.padding, self.kernel_size
        padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        if padded.shape[2] < kh or padded.shape[3] < kw:
            raise ValueError(f"the kernel {(kh, kw)} is larger than {padded.shape[2:]}")
        self.padded_shape = padded.shape
        *self.where, height, width = self.indices(padded.shape)
        self.columns = padded[:, self.where[0], self.where[1], self.where[2]]
        y = self.weight.data.reshape(len(self.weight.data), -1) @ self.columns
        if self.bias is not None:
            y += self.bias.data[:, None]
        self.out_shape = (len(x), len(self.weight.data), height, width)
        return y.reshape(self.out_shape)

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != self.out_shape:
            raise ValueError(f"grad_out is {grad_out.shape}, the output was {self.out_shape}")
        g = grad_out.reshape(*grad_out.shape[:2], -1)
        products = np.einsum("nkp,nqp->kq", g, self.columns)
        self.weight.grad += products.reshape(self.weight.data.shape)
        if self.bias is not None:
            self.bias.grad += g.sum(axis=(0, 2))
        d_columns = self.weight.data.reshape(len(self.weight.data), -1).T @ g
        dx = np.zeros(self.padded_shape, d_columns.dtype)
        np.add.at(dx, (slice(None), *self.where), d_columns)
        (ph, pw), (height, width) = self.padding, dx.shape[2:]
        return dx[:, :, ph : height - ph, pw : width - pw]
