"""One small dataclass of state per parameter, made at its first step; rules as pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from given.module import Array, Parameter


@dataclass
class _Velocity:
    value: Array | None = None


@dataclass
class _Moments:
    mean: Array
    square: Array
    steps: int = 0


class Optimizer:
    def __init__(self, params: Iterable[Parameter]) -> None:
        self.params = [*params]
        if len(self.params) == 0:
            raise ValueError("params must not be empty")

    def zero_grad(self) -> None:
        for p in self.params:
            if p.grad is not None:
                p.grad = np.zeros_like(p.grad)

    def _active(self):
        return ((i, p) for i, p in enumerate(self.params) if p.grad is not None)


def _not_negative(**values: float) -> None:
    for name, value in values.items():
        if value < 0:
            raise ValueError(f"{name} must not be negative: {value}")


class SGD(Optimizer):
    def __init__(
        self, params, lr=1e-3, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False
    ):
        super().__init__(params)
        _not_negative(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("nesterov needs a momentum and no dampening")
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.weight_decay, self.nesterov = weight_decay, nesterov
        self.state = [_Velocity() for _ in self.params]

    def step(self) -> None:
        for i, p in self._active():
            p.data -= self.lr * self._direction(p, self.state[i])

    def _direction(self, p: Parameter, state: _Velocity) -> Array:
        g = p.grad + self.weight_decay * p.data
        if not self.momentum:
            return g
        if state.value is None:
            state.value = g.copy()
        else:
            state.value = self.momentum * state.value + (1 - self.dampening) * g
        return g + self.momentum * state.value if self.nesterov else state.value


class Adam(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params)
        _not_negative(lr=lr, eps=eps, weight_decay=weight_decay)
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas must be in [0, 1): {betas}")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.state: dict[int, _Moments] = {}

    def step(self) -> None:
        b1, b2 = self.betas
        for i, p in self._active():
            g = p.grad + self.weight_decay * p.data
            if i not in self.state:
                self.state[i] = _Moments(np.zeros_like(p.data), np.zeros_like(p.data))
            s = self.state[i]
            s.steps += 1
            s.mean = b1 * s.mean + (1 - b1) * g
            s.square = b2 * s.square + (1 - b2) * g * g
            root = np.sqrt(s.square) / math.sqrt(1 - b2**s.steps)
            p.data -= self.lr / (1 - b1**s.steps) * s.mean / (root + self.eps)
