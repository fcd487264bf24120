"""Losses of week 1: both are sums of one number per example, divided by a count."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


def scalar(grad_out: float) -> float:
    if np.ndim(grad_out):
        raise ValueError(f"grad_out must be a number, its shape is {np.shape(grad_out)}")
    return float(grad_out)


class Loss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in {"mean", "sum"}:
            raise ValueError(f"unknown reduction {reduction!r}")
        self.reduction = reduction

    def weight(self, count: int) -> float:
        """What every single loss is multiplied by."""
        return 1 / count if self.reduction == "mean" else 1.0


class CrossEntropyLoss(Loss):
    def forward(self, input: Array, target: Array) -> float:
        if input.ndim != 2 or target.shape != (len(input),):
            raise ValueError(f"input {input.shape} and target {target.shape} don't fit")
        if not np.isin(target, np.arange(input.shape[1])).all():
            raise ValueError(f"a target is none of the {input.shape[1]} classes")
        self.log_p = input - input.max(axis=1, keepdims=True)
        self.log_p = self.log_p - np.log(np.exp(self.log_p).sum(axis=1, keepdims=True))
        self.one_hot = np.eye(input.shape[1], dtype=input.dtype)[target]
        return -np.sum(self.log_p * self.one_hot) * self.weight(len(input))

    def backward(self, grad_out: float = 1.0) -> Array:
        scale = scalar(grad_out) * self.weight(len(self.log_p))
        return (np.exp(self.log_p) - self.one_hot) * scale


class BCELoss(Loss):
    def forward(self, input: Array, target: Array) -> float:
        if input.shape != target.shape:
            raise ValueError(f"input {input.shape} and target {target.shape} differ")
        if min(input.min(), target.min()) < 0 or max(input.max(), target.max()) > 1:
            raise ValueError("input and target lie between 0 and 1")
        self.p, self.t = input.copy(), target.astype(input.dtype)
        with np.errstate(divide="ignore"):
            yes = np.clip(np.log(self.p), -100, None)
            no = np.clip(np.log(1 - self.p), -100, None)
        return -(self.t * yes + (1 - self.t) * no).sum() * self.weight(input.size)

    def backward(self, grad_out: float = 1.0) -> Array:
        scale = scalar(grad_out) * self.weight(self.p.size)
        variance = np.maximum(self.p * (1 - self.p), 1e-12)
        return (self.p - self.t) / variance * scale
