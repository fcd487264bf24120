"""im2col by fancy indexing with precomputed row and column numbers, col2im by np.add.at."""

from __future__ import annotations

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
        fan_in = in_channels * self.kernel_size[0] * self.kernel_size[1]
        initial = lambda *shape: Parameter(rng.uniform(-1, 1, shape) / fan_in**0.5)
        self.weight = initial(out_channels, in_channels, *self.kernel_size)
        self.bias = initial(out_channels) if bias else None

    def _indices(self, height: int, width: int) -> tuple[Array, Array]:
        """For (i, j, u, v) the row and the column of the padded image."""
        (kh, kw), (sh, sw) = self.kernel_size, self.stride
        u = np.arange(0, height - kh + 1, sh)
        v = np.arange(0, width - kw + 1, sw)
        i, j, u, v = np.ix_(np.arange(kh), np.arange(kw), u, v)
        return i + u, j + v

    def forward(self, x: Array) -> Array:
        require_shape("x", x, ("N", self.in_channels, "H", "W"))
        ph, pw = self.padding
        p = np.pad(x, [(0, 0), (0, 0), (ph, ph), (pw, pw)], mode="constant")
        if p.shape[2] < self.kernel_size[0] or p.shape[3] < self.kernel_size[1]:
            raise ValueError(f"kernel {self.kernel_size} is larger than the padded image {p.shape}")
        self.places = self._indices(*p.shape[2:])
        gathered = p[:, :, self.places[0], self.places[1]]  # (N, C, kh, kw, H', W')
        out = gathered.shape[-2:]
        self.columns = gathered.reshape(len(x), -1, out[0] * out[1])
        self.padded_shape = p.shape
        y = self.weight.data.reshape(self.out_channels, -1) @ self.columns
        if self.bias is not None:
            y += self.bias.data.reshape(-1, 1)
        self.y_shape = (len(x), self.out_channels, *out)
        return y.reshape(self.y_shape)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.y_shape)
        n, c, height, width = self.padded_shape
        g = grad_out.reshape(n, self.out_channels, -1)
        dw = np.matmul(g, self.columns.swapaxes(1, 2)).sum(axis=0)
        self.weight.grad += dw.reshape(self.weight.data.shape)
        if self.bias is not None:
            self.bias.grad += g.sum(axis=(0, 2))
        rows, columns = np.broadcast_arrays(*self.places)
        d = (self.weight.data.reshape(self.out_channels, -1).T @ g).reshape(n, c, *rows.shape)
        dp = np.zeros(self.padded_shape, dtype=grad_out.dtype)
        np.add.at(dp, (slice(None), slice(None), rows, columns), d)
        ph, pw = self.padding
        return dp[:, :, ph : height - ph, pw : width - pw]
