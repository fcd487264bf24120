"""Time first inside: states in one (T + 1, N, H) array, sums by einsum and tensordot, transposed views returned."""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class RNN(Module):
    def __init__(self, input_size, hidden_size, nonlinearity="tanh", bias=True, rng=None):
        self.input_size, self.hidden_size = input_size, hidden_size
        self.nonlinearity = nonlinearity
        rng = rng or np.random.default_rng()
        if nonlinearity != "tanh" and nonlinearity != "relu":
            raise ValueError(f'"{nonlinearity}" is not "tanh" or "relu"')
        s = 1 / math.sqrt(hidden_size)
        self.weight_ih = Parameter(rng.uniform(-s, s, (hidden_size, input_size)))
        self.weight_hh = Parameter(rng.uniform(-s, s, (hidden_size, hidden_size)))
        for name in ("bias_ih", "bias_hh"):
            setattr(self, name, Parameter(rng.uniform(-s, s, (hidden_size,))) if bias else None)

    def forward(self, x: Array, h0: Array | None = None) -> tuple[Array, Array]:
        require_shape("x", x, ("N", "T", self.input_size))
        n, steps, _ = x.shape
        if not steps:
            raise ValueError(f"shape {x.shape}: T must be at least 1")
        self.x = x.transpose(1, 0, 2)
        self.h = np.zeros((steps + 1, n, self.hidden_size), dtype=x.dtype)
        if h0 is not None:
            require_shape("h0", h0, (1, n, self.hidden_size))
            self.h[:1] = h0
        drive = np.einsum("tnd,hd->tnh", self.x, self.weight_ih.data)
        if self.bias_ih is not None:
            drive += self.bias_ih.data + self.bias_hh.data
        w = self.weight_hh.data.T
        for before, after, a in zip(self.h[:-1], self.h[1:], drive, strict=True):
            a += before @ w
            if self.nonlinearity == "tanh":
                np.tanh(a, out=after)
            else:
                np.maximum(a, 0, out=after)
        result = self.h.copy()
        return result[1:].transpose(1, 0, 2), result[-1:]

    def backward(self, grad_output: Array, grad_h_n: Array | None = None) -> tuple[Array, Array]:
        steps, n, width = self.h[1:].shape
        require_shape("grad_output", grad_output, (n, steps, width))
        delta = np.array(grad_output.swapaxes(0, 1))
        if grad_h_n is not None:
            require_shape("grad_h_n", grad_h_n, (1, n, width))
            delta[-1] += grad_h_n[0]
        after = self.h[1:]
        slope = 1 - np.square(after) if self.nonlinearity == "tanh" else np.sign(after)
        for t in range(steps - 1, -1, -1):
            if t + 1 < steps:
                delta[t] += delta[t + 1] @ self.weight_hh.data
            delta[t] *= slope[t]
        both = ([0, 1], [0, 1])
        self.weight_ih.grad += np.tensordot(delta, self.x, both)
        self.weight_hh.grad += np.tensordot(delta, self.h[:-1], both)
        if self.bias_ih is not None:
            total = delta.sum(axis=(0, 1))
            self.bias_ih.grad += total
            self.bias_hh.grad += total
        dx = np.dot(delta, self.weight_ih.data)
        return dx.transpose(1, 0, 2), np.dot(delta[:1], self.weight_hh.data)
