"""One base class owns reduction, number of terms and the check of grad_out; a Python float is returned."""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


class BadTarget(ValueError):
    """A target that is no class."""


class _Loss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in {"mean", "sum"}:
            raise ValueError(f"unknown reduction {reduction}")
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        losses, self._gradient = self._losses_and_gradient(input, target)
        self._divisor = losses.size if self.reduction == "mean" else 1
        return math.fsum(losses.ravel().tolist()) / self._divisor

    def backward(self, grad_out: float = 1.0) -> Array:
        require_shape("grad_out", grad_out, ())
        return self._gradient() * (float(grad_out) / self._divisor)


class CrossEntropyLoss(_Loss):
    def _losses_and_gradient(self, x, t):
        require_shape("input", x, ("N", "K"))
        require_shape("target", t, (x.shape[0],))
        if not np.issubdtype(t.dtype, np.integer) or not set(t.tolist()) <= set(range(x.shape[1])):
            raise BadTarget(f"targets must be integers in [0, {x.shape[1]})")
        column = t[:, np.newaxis]
        with np.errstate(over="ignore"):
            z = x - np.amax(x, axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        losses = np.log(total) - np.take_along_axis(z, column, axis=1)

        def gradient():
            p = e / total
            np.put_along_axis(p, column, np.take_along_axis(p, column, 1) - 1, axis=1)
            return p

        return losses, gradient


class BCELoss(_Loss):
    def _losses_and_gradient(self, p, t):
        require_shape("target", t, p.shape)
        if ((p < 0) | (p > 1) | (t < 0) | (t > 1)).any():
            raise ValueError("BCELoss takes numbers from 0 to 1 only")
        with np.errstate(divide="ignore"):
            log_p, log_q = np.log(p), np.log1p(-p)
        losses = -t * np.fmax(log_p, -100) - (1 - t) * np.fmax(log_q, -100)
        return losses, lambda: ((p - t) / np.maximum(p - p * p, 1e-12)).astype(p.dtype)
