"""Losses."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


class CrossEntropyLoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        if target.shape != (len(input),):
            raise ValueError(f"{len(input)} rows, but a target of shape {target.shape}")
        self.input, self.target = input, target
        self.divisor = len(input) if self.reduction == "mean" else 1
        top = input.max(axis=1, keepdims=True)
        self.log_sum = top + np.log(np.exp(input - top).sum(axis=1, keepdims=True))
        right = np.take_along_axis(input, target[:, None], axis=1)
        return (self.log_sum - right).sum() / self.divisor

    def backward(self, grad_out: float = 1.0) -> Array:
        grad = np.exp(self.input - self.log_sum)
        np.put_along_axis(
            grad,
            self.target[:, None],
            np.take_along_axis(grad, self.target[:, None], axis=1) - 1,
            axis=1,
        )
        return grad * (float(grad_out) / self.divisor)


class BCELoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, input: Array, target: Array) -> float:
        if input.shape != target.shape:
            raise ValueError(f"input {input.shape}, target {target.shape}")
        self.input, self.target = input, target
        self.divisor = input.size if self.reduction == "mean" else 1
        with np.errstate(divide="ignore"):
            log_p = np.maximum(np.log(input), -100)
            log_not_p = np.maximum(np.log1p(-input), -100)
        return -(target * log_p + (1 - target) * log_not_p).sum() / self.divisor

    def backward(self, grad_out: float = 1.0) -> Array:
        spread = np.maximum(self.input * (1 - self.input), 1e-12)
        return (self.input - self.target) / spread * (float(grad_out) / self.divisor)
