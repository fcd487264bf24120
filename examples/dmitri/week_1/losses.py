"""Losses."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


class CrossEntropyLoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        assert input.ndim == 2 and target.shape == (input.shape[0],), "wrong shapes"
        m = input.max(axis=1, keepdims=True)
        log_z = m[:, 0] + np.log(np.exp(input - m).sum(axis=1))
        self.p = np.exp(input - log_z[:, None])
        self.rows, self.target = np.arange(len(input)), target
        per_row = log_z - input[self.rows, target]
        return per_row.mean() if self.reduction == "mean" else per_row.sum()

    def backward(self, grad_out: float = 1.0) -> Array:
        grad = self.p.copy()
        grad[self.rows, self.target] -= 1
        return grad * float(grad_out)


class BCELoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        assert input.shape == target.shape, f"{input.shape} and {target.shape}"
        self.p, self.t = input, target
        with np.errstate(divide="ignore"):
            log_p, log_q = np.log(input), np.log(1 - input)
        loss = -(target * np.maximum(log_p, -100) + (1 - target) * np.maximum(log_q, -100))
        return loss.mean() if self.reduction == "mean" else loss.sum()

    def backward(self, grad_out: float = 1.0) -> Array:
        grad = (self.p - self.t) / np.maximum(self.p * (1 - self.p), 1e-12)
        return grad * float(grad_out)
