"""Losses."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


class CrossEntropyLoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        if target.shape != input.shape[:1]
            raise ValueError(f"{target.shape} targets for {input.shape}")
        z = input - input.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.target = target
        self.count = len(input) if self.reduction == "mean" else 1
        return -self.log_p[np.arange(len(target)), target].sum() / self.count

    def backward(self, grad_out: float = 1.0) -> Array:
        grad = np.exp(self.log_p)
        grad[np.arange(len(grad)), self.target] -= 1
        return grad * (float(grad_out) / self.count)


class BCELoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        if target.shape != input.shape:
            raise ValueError(f"{target.shape} targets for {input.shape}")
        self.p, self.t = input, target
        self.count = input.size if self.reduction == "mean" else 1
        with np.errstate(divide="ignore"):
            log_p, log_q = np.log(input).clip(-100), np.log(1 - input).clip(-100)
        return -(target * log_p + (1 - target) * log_q).sum() / self.count

    def backward(self, grad_out: float = 1.0) -> Array:
        slope = (self.p - self.t) / np.maximum(self.p * (1 - self.p), 1e-12)
        return slope * (float(grad_out) / self.count)
