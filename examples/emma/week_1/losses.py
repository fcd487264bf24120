"""Week 1: losses."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


class CrossEntropyLoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in ("mean", "sum"):
            raise ValueError("reduction is mean or sum")
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        if input.ndim != 2 or target.shape != (len(input),):
            raise ValueError(f"input {input.shape} does not go with target {target.shape}")
        logits = input - np.max(input, axis=1, keepdims=True)
        self.log_probs = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
        self.target = target
        picked = np.take_along_axis(self.log_probs, target[:, None], axis=1)
        return -picked.mean() if self.reduction == "mean" else -picked.sum()

    def backward(self, grad_out: float = 1.0) -> Array:
        grad = np.exp(self.log_probs)
        grad[np.arange(len(grad)), self.target] -= 1
        if self.reduction == "mean":
            grad /= len(grad)
        return grad * float(grad_out)


class BCELoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in ("mean", "sum"):
            raise ValueError("reduction is mean or sum")
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        if input.shape != target.shape:
            raise ValueError(f"input {input.shape} does not go with target {target.shape}")
        self.p, self.t = input, target
        p = np.clip(input, 1e-7, 1 - 1e-7)  # no log of zero
        loss = -(target * np.log(p) + (1 - target) * np.log(1 - p))
        return loss.mean() if self.reduction == "mean" else loss.sum()

    def backward(self, grad_out: float = 1.0) -> Array:
        grad = self.p - self.t
        if self.reduction == "mean":
            grad = grad / grad.size
        return grad * float(grad_out)
