from __future__ import annotations

import numpy as np
from given.module import Array, Module


class CrossEntropyLoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        if target.ndim != 1 or len(target) != len(input):
            raise ValueError(f"target {target.shape} does not fit input {input.shape}")
        n = len(input)
        z = input - input.max(axis=1)[:, None]
        z = z - np.log(np.exp(z).sum(axis=1))[:, None]
        self.p, self.target = np.exp(z), target
        loss = -z[np.arange(n), target].sum()
        return loss / n if self.reduction == "mean" else loss

    def backward(self, grad_out: float = 1.0) -> Array:
        n = len(self.p)
        grad = self.p.copy()
        grad[np.arange(n), self.target] -= 1
        return grad / n * float(grad_out)


class BCELoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        if input.shape != target.shape:
            raise ValueError(f"target {target.shape} does not fit input {input.shape}")
        self.p, self.t = input, target
        with np.errstate(divide="ignore"):
            a = np.maximum(np.log(input), -100)
            b = np.maximum(np.log(1 - input), -100)
        loss = -np.sum(target * a + (1 - target) * b)
        return loss / len(input) if self.reduction == "mean" else loss

    def backward(self, grad_out: float = 1.0) -> Array:
        grad = (self.p - self.t) / np.maximum(self.p * (1 - self.p), 1e-12)
        if self.reduction == "mean":
            grad = grad / self.p.size
        return grad * float(grad_out)
