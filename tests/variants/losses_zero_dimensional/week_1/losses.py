"""The loss is an array of shape (), one-hot targets from a comparison, einsum for the sums."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


class CrossEntropyLoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        if not (reduction == "mean" or reduction == "sum"):
            raise ValueError('choose "mean" or "sum"')
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> Array:
        require_shape("input", input, ("N", "K"))
        n, k = input.shape
        require_shape("target", target, (n,))
        classes = np.arange(k)
        hit = np.asarray(target)[:, None] == classes
        if not hit.any(axis=1).all():
            raise ValueError(f"a target is none of the {k} classes")
        with np.errstate(over="ignore"):
            z = input - input.max(1)[:, None]
        e = np.exp(z)
        total = e.sum(1)
        self.share = 1.0 / n if self.reduction == "mean" else 1.0
        self.difference = e / total[:, None] - hit.astype(input.dtype)
        losses = np.log(total) - z[hit]
        return np.asarray(np.einsum("n->", losses) * self.share)

    def backward(self, grad_out: float = 1.0) -> Array:
        require_shape("grad_out", grad_out, ())
        return self.difference * float(self.share * grad_out)


class BCELoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        if not (reduction == "mean" or reduction == "sum"):
            raise ValueError('choose "mean" or "sum"')
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> Array:
        require_shape("target", target, np.shape(input))
        if any(np.any(np.abs(np.subtract(v, 0.5)) > 0.5) for v in (input, target)):
            raise ValueError("probabilities and targets must lie in [0, 1]")
        with np.errstate(divide="ignore"):
            yes = np.maximum(np.log(input), -100)
            no = np.maximum(np.log1p(-input), -100)
        self.share = 1.0 / input.size if self.reduction == "mean" else 1.0
        self.p, self.t = input, target
        return np.asarray(-(np.vdot(target, yes) + np.vdot(1 - target, no)) * self.share)

    def backward(self, grad_out: float = 1.0) -> Array:
        require_shape("grad_out", grad_out, ())
        variance = np.array(self.p * (1 - self.p))
        variance[variance < 1e-12] = 1e-12
        dp = float(self.share * grad_out) * (self.p - self.t) / variance
        return np.asarray(dp, dtype=self.p.dtype)
