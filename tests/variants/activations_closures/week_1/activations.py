"""forward leaves a function behind, and backward calls it; sigmoid and softmax from logaddexp."""

from __future__ import annotations

import numpy as np
from given.module import Module
from given.shapes import require_shape


class _Pullback(Module):
    _pullback = None

    def backward(self, grad_out):
        return self._pullback(grad_out)


def _guarded(shape, formula):
    """The formula, behind a check of the gradient's shape."""

    def pullback(grad_out):
        require_shape("grad_out", grad_out, shape)
        return formula(grad_out)

    return pullback


class ReLU(_Pullback):
    def forward(self, x):
        y = np.clip(x, 0, None)
        self._pullback = _guarded(np.shape(x), lambda g: np.where(x > 0, g, np.zeros_like(g)))
        return y


class Sigmoid(_Pullback):
    def forward(self, x):
        y = np.exp(-np.logaddexp(0, -x))
        self._pullback = _guarded(np.shape(x), lambda g: g * y * (1 - y))
        return y


class Tanh(_Pullback):
    def forward(self, x):
        y = np.tanh(x)
        self._pullback = _guarded(np.shape(x), lambda g: g - g * y * y)
        return y


class Softmax(_Pullback):
    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        with np.errstate(over="ignore"):
            shifted = x - np.max(x, axis=self.dim, keepdims=True)
            log_y = shifted - np.logaddexp.reduce(shifted, axis=self.dim, keepdims=True)
        y = np.exp(log_y)

        def formula(g):
            return y * (g - np.sum(g * y, axis=self.dim, keepdims=True))

        self._pullback = _guarded(np.shape(x), formula)
        return y
