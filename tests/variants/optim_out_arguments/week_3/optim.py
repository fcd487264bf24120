"""Buffers made once and filled with out=; zeros mean "not started" through a count per parameter."""

from __future__ import annotations

import numpy as np


class Optimizer:
    def __init__(self, params):
        self.params = list(params)
        if not self.params:
            raise ValueError("params must not be empty")
        self.count = [0] * len(self.params)
        self.scratch = [np.empty_like(p.data) for p in self.params]

    def zero_grad(self):
        for p in self.params:
            if p.grad is None:
                continue
            p.grad = np.zeros(p.data.shape, p.data.dtype)

    def _decayed(self, k):
        """The gradient with the penalty's, in the scratch buffer; counts the step."""
        p, g = self.params[k], self.scratch[k]
        self.count[k] += 1
        np.multiply(p.data, self.weight_decay, out=g)
        np.add(g, p.grad, out=g)
        return g


class SGD(Optimizer):
    def __init__(
        self, params, lr=1e-3, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False
    ):
        super().__init__(params)
        if lr < 0 or momentum < 0 or weight_decay < 0:
            raise ValueError("lr, momentum and weight_decay must be at least 0")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov requires a momentum and zero dampening")
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.weight_decay, self.nesterov = weight_decay, nesterov
        self.v = [np.zeros_like(p.data) for p in self.params]

    def step(self):
        for k, p in enumerate(self.params):
            if p.grad is None:
                continue
            g, v = self._decayed(k), self.v[k]
            np.multiply(v, self.momentum, out=v)
            v += g if self.count[k] == 1 else (1 - self.dampening) * g
            if self.nesterov:
                g += self.momentum * v
            elif self.momentum:
                np.copyto(g, v)
            g *= self.lr
            np.subtract(p.data, g, out=p.data)


class Adam(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params)
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must be at least 0")
        if not (0 <= betas[0] < 1 and 0 <= betas[1] < 1):
            raise ValueError(f"betas out of range: {betas}")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.m = [np.zeros_like(p.data) for p in self.params]
        self.s = [np.zeros_like(p.data) for p in self.params]

    def step(self):
        b1, b2 = self.betas
        for k, p in enumerate(self.params):
            if p.grad is None:
                continue
            g, m, s = self._decayed(k), self.m[k], self.s[k]
            t = self.count[k]
            m *= b1
            m += (1 - b1) * g
            np.square(g, out=g)
            s *= b2
            s += (1 - b2) * g
            np.divide(s, 1 - b2**t, out=g)
            np.sqrt(g, out=g)
            g += self.eps
            np.divide(m, g, out=g)
            g *= self.lr / (1 - b1**t)
            p.data -= g
