"""Convolution of week 2, without a window matrix: one place in the kernel after another."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter


def two(value) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


class Conv2d(Module):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size,
        stride=1,
        padding=0,
        bias: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.stride, self.padding = two(kernel_size), two(stride), two(padding)
        if min(self.kernel_size + self.stride) < 1 or min(self.padding) < 0:
            raise ValueError(f"kernel {kernel_size}, stride {stride}, padding {padding}")
        draw = rng if rng is not None else np.random.default_rng()
        shape = (out_channels, in_channels, *self.kernel_size)
        limit = (in_channels * self.kernel_size[0] * self.kernel_size[1]) ** -0.5
        self.weight = Parameter(draw.uniform(-limit, limit, shape))
        self.bias = Parameter(draw.uniform(-limit, limit, out_channels)) if bias else None

    def places(self, padded: Array):
        """For every place in the kernel, the pixels that it meets: (i, j, view (N, C, H', W'))."""
        (sh, sw), (height, width) = self.stride, self.size
        for i in range(self.kernel_size[0]):
            for j in range(self.kernel_size[1]):
                rows = slice(i, i + sh * (height - 1) + 1, sh)
                columns = slice(j, j + sw * (width - 1) + 1, sw)
                yield i, j, padded[:, :, rows, columns]

    def forward(self, x: Array) -> Array:
        if x.ndim != 4 or x.shape[1] != self.in_channels:
            raise ValueError(f"x is {x.shape}, needed is (N, {self.in_channels}, H, W)")
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        height, width = x.shape[2] + 2 * ph - kh, x.shape[3] + 2 * pw - kw
        if height < 0 or width < 0:
            raise ValueError(f"a kernel {kh}x{kw} doesn't fit into {x.shape}")
        self.size = height // sh + 1, width // sw + 1
        self.padded = np.pad(x, [(0, 0), (0, 0), (ph, ph), (pw, pw)])
        y = np.zeros((len(x), self.out_channels, *self.size), x.dtype)
        for i, j, pixels in self.places(self.padded):
            y += np.einsum("kc,nchw->nkhw", self.weight.data[:, :, i, j], pixels, optimize=True)
        if self.bias is not None:
            y += self.bias.data.reshape(1, -1, 1, 1)
        return y

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != (len(self.padded), self.out_channels, *self.size):
            raise ValueError(f"grad_out is {grad_out.shape}, the output was {self.size}")
        grad_padded = np.zeros_like(self.padded)
        pairs = zip(self.places(self.padded), self.places(grad_padded), strict=True)
        for (i, j, pixels), (_, _, grads) in pairs:
            weight = self.weight.data[:, :, i, j]
            self.weight.grad[:, :, i, j] += np.einsum(
                "nkhw,nchw->kc", grad_out, pixels, optimize=True
            )
            grads += np.einsum("kc,nkhw->nchw", weight, grad_out, optimize=True)
        if self.bias is not None:
            self.bias.grad += grad_out.sum(axis=(0, 2, 3))
        (ph, pw), (_, _, height, width) = self.padding, self.padded.shape
        return grad_padded[:, :, ph : height - ph, pw : width - pw]
