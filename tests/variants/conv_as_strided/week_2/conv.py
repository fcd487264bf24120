"""Windows from as_strided, batch joined with the places into one tall matrix; np.pad."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import pair, require_shape
from numpy.lib.stride_tricks import as_strided


class Conv2d(Module):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, rng=None
    ):
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = pair("stride", stride, 1)
        self.padding = pair("padding", padding, 0)
        rng = rng or np.random.default_rng()
        shape = (out_channels, in_channels, *self.kernel_size)
        bound = 1.0 / np.sqrt(np.prod(shape[1:]))
        self.weight = Parameter(rng.uniform(low=-bound, high=bound, size=shape))
        self.bias = Parameter(rng.uniform(-bound, bound, out_channels)) if bias else None

    def _out(self, size: int, axis: int) -> int:
        free = size + 2 * self.padding[axis] - self.kernel_size[axis]
        if free < 0:
            raise ValueError(
                f"a kernel {self.kernel_size} doesn't fit: axis {axis} of the image has {size} "
                f"pixels and {self.padding} of padding"
            )
        return free // self.stride[axis] + 1

    def forward(self, x: Array) -> Array:
        require_shape("x", x, ("N", self.in_channels, "H", "W"))
        n, c, h, w = x.shape
        (ph, pw), (sh, sw), (kh, kw) = self.padding, self.stride, self.kernel_size
        rows, columns = self._out(h, 0), self._out(w, 1)
        p = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        bn, bc, bh, bw = p.strides
        windows = as_strided(
            p, (n, rows, columns, c, kh, kw), (bn, bh * sh, bw * sw, bc, bh, bw), writeable=False
        )
        self.X = windows.reshape(n * rows * columns, c * kh * kw)
        self.x_shape, self.y_shape = x.shape, (n, self.out_channels, rows, columns)
        y = self.X @ self.weight.data.reshape(self.out_channels, -1).T
        if self.bias is not None:
            y = y + self.bias.data
        return y.reshape(n, rows, columns, -1).transpose(0, 3, 1, 2)

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self.y_shape)
        n, c, h, w = self.x_shape
        _, k, rows, columns = self.y_shape
        (ph, pw), (sh, sw), (kh, kw) = self.padding, self.stride, self.kernel_size
        g = grad_out.transpose(0, 2, 3, 1).reshape(-1, k)
        self.weight.grad += (g.T @ self.X).reshape(self.weight.data.shape)
        if self.bias is not None:
            self.bias.grad += g.sum(0)
        d = (g @ self.weight.data.reshape(k, -1)).reshape(n, rows, columns, c, kh, kw)
        dp = np.zeros((n, h + 2 * ph, w + 2 * pw, c), dtype=d.dtype)
        for i, j in np.ndindex(kh, kw):
            dp[:, i : i + sh * rows : sh, j : j + sw * columns : sw] += d[..., i, j]
        return np.moveaxis(dp[:, ph : ph + h, pw : pw + w], -1, 1)
