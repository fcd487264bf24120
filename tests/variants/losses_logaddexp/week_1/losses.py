"""Log-sum-exp by logaddexp.reduce, logarithms with where= and out=; the loss is a NumPy scalar."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape

_REDUCTIONS = {"mean": np.mean, "sum": np.sum}


def _known(reduction: str) -> str:
    if reduction not in _REDUCTIONS:
        raise ValueError(f"no such reduction: {reduction!r}")
    return reduction


class CrossEntropyLoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = _known(reduction)

    def forward(self, input: Array, target: Array) -> float:
        require_shape("input", input, ("N", "K"))
        require_shape("target", target, input.shape[:1])
        if target.dtype.kind not in "iu" or (target < 0).any() or (target >= input.shape[1]).any():
            raise ValueError(f"targets must be whole numbers from 0 to {input.shape[1] - 1}")
        with np.errstate(over="ignore"):
            shifted = input - input.max(axis=1, keepdims=True)
            self.log_p = shifted - np.logaddexp.reduce(shifted, axis=1, keepdims=True)
        self.target = target
        return _REDUCTIONS[self.reduction](-self.log_p[np.arange(len(target)), target])

    def backward(self, grad_out: float = 1.0) -> Array:
        require_shape("grad_out", grad_out, ())
        dx = np.exp(self.log_p)
        np.subtract.at(dx, (np.arange(len(dx)), self.target), 1)
        scale = float(grad_out) / (len(dx) if self.reduction == "mean" else 1)
        return dx * scale


def _bounded(log, values: Array, safe: Array) -> Array:
    """The logarithm where it is safe, at least -100."""
    return np.maximum(log(values, out=np.full_like(values, -100), where=safe), -100)


class BCELoss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = _known(reduction)

    def forward(self, input: Array, target: Array) -> float:
        require_shape("target", target, input.shape)
        for name, values in (("input", input), ("target", target)):
            if not np.all((values >= 0) & (values <= 1)):
                raise ValueError(f"{name} has values outside [0, 1]")
        self.p, self.t = input, target
        log_p = _bounded(np.log, input, input > 0)
        log_q = _bounded(np.log1p, -input, input < 1)
        return _REDUCTIONS[self.reduction](-(target * log_p + (1 - target) * log_q))

    def backward(self, grad_out: float = 1.0) -> Array:
        require_shape("grad_out", grad_out, ())
        count = self.p.size if self.reduction == "mean" else 1
        dp = (self.p - self.t) / np.clip(self.p * (1 - self.p), 1e-12, None)
        return (dp * (float(grad_out) / count)).astype(self.p.dtype)
