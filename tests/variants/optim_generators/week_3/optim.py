"""Every parameter has a generator of its own that remembers velocity or moments in local variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from given.module import Array, Parameter


class Optimizer:
    def __init__(self, params: Iterable[Parameter]) -> None:
        self.params = list(params)
        if not self.params:
            raise ValueError("params must not be empty")

    def zero_grad(self) -> None:
        for parameter in filter(lambda p: p.grad is not None, self.params):
            parameter.grad[...] = 0

    def step(self) -> None:
        for parameter, directions in zip(self.params, self._directions, strict=True):
            if parameter.grad is not None:
                parameter.data[...] = parameter.data - self.lr * next(directions)

    def _gradient(self, parameter: Parameter) -> Array:
        if self.weight_decay == 0:
            return parameter.grad.copy()
        return self.weight_decay * parameter.data + parameter.grad


class SGD(Optimizer):
    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params)
        if min(lr, momentum, weight_decay) < 0:
            raise ValueError(f"negative: one of {lr=}, {momentum=}, {weight_decay=}")
        if nesterov and not (momentum > 0 and dampening == 0):
            raise ValueError(f"nesterov with {momentum=} and {dampening=}")
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.weight_decay, self.nesterov = weight_decay, nesterov
        self._directions = [self._descent(parameter) for parameter in self.params]

    def _descent(self, parameter: Parameter) -> Iterator[Array]:
        v = self._gradient(parameter)
        yield v + self.momentum * v if self.nesterov else v
        while True:
            g = self._gradient(parameter)
            if self.momentum == 0:
                yield g
                continue
            v = self.momentum * v + (1 - self.dampening) * g
            yield g + self.momentum * v if self.nesterov else v


class Adam(Optimizer):
    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params)
        if min(lr, eps, weight_decay) < 0:
            raise ValueError(f"negative: one of {lr=}, {eps=}, {weight_decay=}")
        if min(betas) < 0 or max(betas) >= 1:
            raise ValueError(f"outside [0, 1): {betas=}")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self._directions = [self._adaptive(parameter) for parameter in self.params]

    def _adaptive(self, parameter: Parameter) -> Iterator[Array]:
        b1, b2 = self.betas
        m = s = np.zeros_like(parameter.data)
        left1 = left2 = 1.0  # beta ** t
        while True:
            g = self._gradient(parameter)
            left1, left2 = left1 * b1, left2 * b2
            m = m + (1 - b1) * (g - m)
            s = s + (1 - b2) * (g**2 - s)
            yield m / (1 - left1) / (np.sqrt(s / (1 - left2)) + self.eps)
