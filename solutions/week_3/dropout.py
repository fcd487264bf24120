"""Dropout: random entries are switched off in training, so that none is indispensable.

    y = x ⊙ keep / (1 - p)

keep is 1 with probability 1 - p and else 0, drawn anew in every forward.
"""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


class Dropout(Module):
    """Sets each entry to zero with probability p, in training only.

    The entries that stay are divided by 1 - p ("inverted" dropout): the expected value of
    every entry is that of the input, so evaluation needs no scaling.

    Args:
        p: probability of dropping an entry, in [0, 1].
        rng: source of the masks; None takes a fresh generator.
    Raises:
        ValueError: p is outside [0, 1].
    Parity: torch.nn.Dropout.
    """

    def __init__(self, p: float = 0.5, rng: np.random.Generator | None = None) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"p must be in [0, 1], not {p}")
        self.p = p
        self.rng = rng or np.random.default_rng()

    def forward(self, x: Array) -> Array:
        """x with a fresh mask in training, x itself in evaluation.

        Args:
            x: any shape.
        Returns:
            y, the shape of x.
        Math: y = x ⊙ m, m = keep / (1 - p), where keep is 1 with probability 1 - p, else 0.
            With p = 1 nothing is kept, y = 0.
        """
        ### BEGIN SOLUTION draw and keep the scaled mask, or note that there is none
        self.y_shape = x.shape
        self.mask: Array | None = None
        if not self.training:
            return x
        # random() is in [0, 1): p = 0 keeps every entry, p = 1 none.
        keep = self.rng.random(x.shape) >= self.p
        self.mask = keep.astype(x.dtype)
        if self.p < 1:
            self.mask /= 1 - self.p
        return x * self.mask
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x, through the mask of the last forward.

        Args:
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Raises:
            ValueError: grad_out has another shape than y.
        Math: y = x ⊙ m is linear in x, so dx = g ⊙ m; without a mask dx = g.
        """
        ### BEGIN SOLUTION check the shape, send the gradient where the values went
        require_shape("grad_out", grad_out, self.y_shape)
        return grad_out if self.mask is None else grad_out * self.mask
        ### END SOLUTION
