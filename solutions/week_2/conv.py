"""Two-dimensional convolution as one matrix product.

    y[n,k,u,v] = b[k] + Σ over c,i,j of w[k,c,i,j] · x[n,c, u·sh + i, v·sw + j]

Every window of the image that the kernel sees becomes a column of a matrix ("im2col").
The kernel, laid out as rows, times that matrix gives every output at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import pair, require_shape
from numpy.lib.stride_tricks import sliding_window_view


class Conv2d(Module):
    """Slides a kernel over the image and takes a weighted sum at every place.

    As in torch, the kernel is not flipped (mathematicians call this cross-correlation).

    Args:
        in_channels: C, channels of the input.
        out_channels: K, channels of the output, one kernel each.
        kernel_size: (kh, kw), or one number for both.
        stride: (sh, sw), the step of the kernel down and to the right.
        padding: (ph, pw), rows of zeros above and below, columns left and right.
        bias: whether there is a bias.
        rng: source of the initial weights; None takes a fresh generator.
    Attributes:
        weight: w, shape (K, C, kh, kw), drawn as torch draws it: uniform in ±1/√(C · kh · kw).
        bias: b, shape (K,), drawn likewise; None without a bias.
    Raises:
        ValueError: a kernel size or stride below 1, or a negative padding.
    Parity: torch.nn.Conv2d with batched input, zero padding, no dilation, one group.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        bias: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = pair("stride", stride, 1)
        self.padding = pair("padding", padding, 0)
        rng = rng or np.random.default_rng()
        ### BEGIN SOLUTION draw self.weight and self.bias (None without a bias) from rng
        # Every output is a sum of C · kh · kw terms: as in Linear, the bound keeps it of order 1.
        shape = (out_channels, in_channels, *self.kernel_size)
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        self.weight = Parameter(rng.uniform(-bound, bound, shape))
        self.bias = Parameter(rng.uniform(-bound, bound, out_channels)) if bias else None
        ### END SOLUTION

    def forward(self, x: Array) -> Array:
        """The weighted sum of every window.

        Args:
            x: images, shape (N, C, H, W).
        Returns:
            y, shape (N, K, H', W') with H' = ⌊(H + 2 ph - kh) / sh⌋ + 1, W' likewise.
        Raises:
            ValueError: x is not (N, C, H, W), or the kernel does not fit into the padded image.
        Math: y[n,k,u,v] = b[k] + Σ over c,i,j of w[k,c,i,j] · padded[n,c, u·sh + i, v·sw + j].
        """
        ### BEGIN SOLUTION check the shape, pad, gather all windows as columns, one product, bias
        require_shape("x", x, ("N", self.in_channels, "H", "W"))
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        # A view of shape (N, C, H', W', kh, kw): nothing is copied yet. A kernel that doesn't fit
        # is a ValueError here.
        windows = sliding_window_view(padded, (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]
        batch, _, height, width = windows.shape[:4]
        # One column per window, one row per weight of a kernel: (N, C·kh·kw, H'·W').
        columns = windows.transpose(0, 1, 4, 5, 2, 3)
        self.columns = columns.reshape(batch, self.in_channels * kh * kw, height * width)
        self.padded_shape = padded.shape
        self.y_shape = (batch, self.out_channels, height, width)
        y = self.weight.data.reshape(self.out_channels, -1) @ self.columns
        if self.bias is not None:
            y += self.bias.data[:, None]
        return y.reshape(self.y_shape)
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x; adds to weight.grad and bias.grad.

        Args:
            grad_out: dL/dy, shape (N, K, H', W').
        Returns:
            dL/dx, shape (N, C, H, W).
        Raises:
            ValueError: grad_out has another shape than y.
        Math: with the columns X, the kernels as rows W and g as (K, H'·W'), per image:
            dW = Σₙ g Xᵀ,    db = Σ over n,u,v of g,    dX = Wᵀ g,
            and every entry of dX is added to the pixel that it was copied from.
        """
        ### BEGIN SOLUTION check the shape, both parameter gradients, dX, add it to its pixels
        require_shape("grad_out", grad_out, self.y_shape)
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        batch, _, height, width = self.y_shape
        weight = self.weight.data.reshape(self.out_channels, -1)
        grad = grad_out.reshape(batch, self.out_channels, height * width)
        products = grad @ self.columns.transpose(0, 2, 1)  # (N, K, H'·W') (N, H'·W', C·kh·kw)
        self.weight.grad += products.sum(axis=0).reshape(self.weight.data.shape)
        if self.bias is not None:
            self.bias.grad += grad.sum(axis=(0, 2))
        grad_columns = (weight.T @ grad).reshape(batch, self.in_channels, kh, kw, height, width)
        # Windows overlap, so a pixel collects from several. For one place (i, j) in the kernel
        # they do not: all windows at once can add their share.
        grad_padded = np.zeros(self.padded_shape, grad_columns.dtype)
        grad_windows = sliding_window_view(grad_padded, (kh, kw), axis=(2, 3), writeable=True)
        grad_windows = grad_windows[:, :, ::sh, ::sw]
        for i in range(kh):
            for j in range(kw):
                grad_windows[..., i, j] += grad_columns[:, :, i, j]
        rows, cols = self.padded_shape[2:]
        return grad_padded[:, :, ph : rows - ph, pw : cols - pw]
        ### END SOLUTION
