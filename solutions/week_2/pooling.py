"""Max pooling: every window is replaced by its largest entry.

    y[n,c,u,v] = max over i,j of x[n,c, u·sh + i, v·sw + j]

Only the largest entry has a say in the output, so only it gets a gradient.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from given.module import Array, Module
from given.shapes import pair, require_shape
from numpy.lib.stride_tricks import sliding_window_view


class MaxPool2d(Module):
    """The largest entry of every window, each channel for itself.

    Args:
        kernel_size: (kh, kw), or one number for both.
        stride: (sh, sw), the step down and to the right; None means kernel_size, so that
            windows touch and do not overlap.
        padding: (ph, pw), rows above and below, columns left and right, that no maximum is
            ever taken from.
    Raises:
        ValueError: a kernel size or stride below 1, or a negative padding.
    Parity: torch.nn.MaxPool2d with batched input, no dilation, ceil_mode=False.
    """

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
    ) -> None:
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = pair("stride", kernel_size if stride is None else stride, 1)
        self.padding = pair("padding", padding, 0)

    def forward(self, x: Array) -> Array:
        """The maximum of every window.

        Args:
            x: images, shape (N, C, H, W).
        Returns:
            y, shape (N, C, H', W') with H' = ⌊(H + 2 ph - kh) / sh⌋ + 1, W' likewise: what is
            left over at the lower and right edge is dropped.
        Raises:
            ValueError: x is not (N, C, H, W), the kernel does not fit into the padded image,
                or the padding is more than half the kernel.
        Math: y[n,c,u,v] = max over i,j of padded[n,c, u·sh + i, v·sw + j], padding = -∞.
        """
        ### BEGIN SOLUTION check the shape, pad with -∞, take the maximum of every window
        require_shape("x", x, ("N", "C", "H", "W"))
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        if 2 * ph > kh or 2 * pw > kw:
            raise ValueError(f"padding {(ph, pw)} is more than half the kernel {(kh, kw)}")
        edges = ((0, 0), (0, 0), (ph, ph), (pw, pw))
        self.padded = np.pad(x, edges, constant_values=-np.inf)  # never a maximum; a copy of x
        # A view of shape (N, C, H', W', kh, kw); a ValueError if the kernel doesn't fit. One place
        # (i, j) of all windows at a time.
        windows = sliding_window_view(self.padded, (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]
        y = windows[..., 0, 0].copy()
        for i in range(kh):
            for j in range(kw):
                np.maximum(y, windows[..., i, j], out=y)
        self.y = y
        return y
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x.

        Args:
            grad_out: dL/dy, shape (N, C, H', W').
        Returns:
            dL/dx, shape (N, C, H, W).
        Raises:
            ValueError: grad_out has another shape than y.
        Math: the entry that was the maximum gets the gradient of its window, all others of
            the window get 0. Of equal maxima the first does, row by row, as in torch. An entry
            that is the maximum of several windows gets the sum.
        """
        ### BEGIN SOLUTION check the shape, give every window's gradient to its first maximum
        require_shape("grad_out", grad_out, self.y.shape)
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        windows = sliding_window_view(self.padded, (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]
        grad_padded = np.zeros(self.padded.shape, grad_out.dtype)
        grad_windows = sliding_window_view(grad_padded, (kh, kw), axis=(2, 3), writeable=True)
        grad_windows = grad_windows[:, :, ::sh, ::sw]
        left = grad_out.copy()  # what is still to be given away: 0 once a maximum was found
        for i in range(kh):
            for j in range(kw):
                share = left * (windows[..., i, j] == self.y)
                grad_windows[..., i, j] += share
                left -= share
        rows, cols = self.padded.shape[2:]
        return grad_padded[:, :, ph : rows - ph, pw : cols - pw]
        ### END SOLUTION
