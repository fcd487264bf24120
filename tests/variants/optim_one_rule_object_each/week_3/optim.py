"""step lives in the base class; SGD and Adam make one callable rule per place, with __slots__."""

from __future__ import annotations

from math import sqrt

import numpy as np


class OptimizerError(ValueError):
    pass


class Optimizer:
    def __init__(self, params):
        self.params = list(params)
        if not self.params:
            raise OptimizerError("no parameters to optimise")

    def zero_grad(self):
        for p in self.params:
            p.grad = None if p.grad is None else np.zeros_like(p.data)

    def step(self):
        for p, rule in zip(self.params, self.rules):
            if p.grad is not None:
                p.data += rule(p.grad + self.weight_decay * p.data)


class _SGDRule:
    __slots__ = ("opt", "v")

    def __init__(self, opt):
        self.opt, self.v = opt, None

    def __call__(self, g):
        o = self.opt
        self.v = 1.0 * g if self.v is None else o.momentum * self.v + (1 - o.dampening) * g
        if o.nesterov:
            return -o.lr * (g + o.momentum * self.v)
        return -o.lr * (self.v if o.momentum else g)


class SGD(Optimizer):
    def __init__(
        self, params, lr=1e-3, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False
    ):
        super().__init__(params)
        for name in ("lr", "momentum", "weight_decay"):
            if locals()[name] < 0:
                raise OptimizerError(f"{name} < 0")
        if nesterov and (not momentum or dampening):
            raise OptimizerError("nesterov: only with momentum, only without dampening")
        self.lr, self.momentum, self.dampening = float(lr), float(momentum), float(dampening)
        self.weight_decay, self.nesterov = float(weight_decay), bool(nesterov)
        self.rules = tuple(_SGDRule(self) for _ in self.params)


class _AdamRule:
    __slots__ = ("m", "opt", "s", "t")

    def __init__(self, opt):
        self.opt, self.t, self.m, self.s = opt, 0, 0.0, 0.0

    def __call__(self, g):
        (b1, b2), self.t = self.opt.betas, self.t + 1
        self.m = b1 * self.m + (1 - b1) * g
        self.s = b2 * self.s + (1 - b2) * np.square(g)
        c1, c2 = 1 - b1**self.t, sqrt(1 - b2**self.t)
        # numerator and denominator both times c2
        return -self.opt.lr * c2 / c1 * self.m / (np.sqrt(self.s) + self.opt.eps * c2)


class Adam(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params)
        if any(v < 0 for v in (lr, eps, weight_decay, *betas)) or any(b >= 1 for b in betas):
            raise OptimizerError("an argument is out of its range")
        self.lr, self.betas = float(lr), tuple(map(float, betas))
        self.eps, self.weight_decay = float(eps), float(weight_decay)
        self.rules = tuple(_AdamRule(self) for _ in self.params)
