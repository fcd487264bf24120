"""[x, h, 1, 1] times one concatenated matrix per step; gradients split again at the end."""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class RNN(Module):
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        nonlinearity: str = "tanh",
        bias: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity {nonlinearity!r} is neither tanh nor relu")
        self.input_size, self.hidden_size = input_size, hidden_size
        self.nonlinearity = nonlinearity
        rng = rng or np.random.default_rng()
        s = 1 / math.sqrt(hidden_size)
        shapes = [(hidden_size, input_size), (hidden_size, hidden_size)]
        self.weight_ih, self.weight_hh = (Parameter(rng.uniform(-s, s, n)) for n in shapes)
        self.bias_ih = self.bias_hh = None
        if bias:
            self.bias_ih = Parameter(rng.uniform(-s, s, hidden_size))
            self.bias_hh = Parameter(rng.uniform(-s, s, hidden_size))

    def _matrix(self) -> Array:
        parts = [self.weight_ih.data, self.weight_hh.data]
        if self.bias_ih is not None:
            parts += [self.bias_ih.data[:, None], self.bias_hh.data[:, None]]
        return np.concatenate(parts, axis=1)

    def forward(self, x: Array, h0: Array | None = None) -> tuple[Array, Array]:
        require_shape("x", x, ("N", "T", self.input_size))
        n, steps, _ = x.shape
        if steps < 1:
            raise ValueError(f"x has shape {x.shape}: no step at all")
        if h0 is None:
            h0 = np.zeros((1, n, self.hidden_size), dtype=x.dtype)
        require_shape("h0", h0, (1, n, self.hidden_size))
        h, matrix = h0[0], self._matrix()
        ones = np.ones((n, 0 if self.bias_ih is None else 2), dtype=x.dtype)
        self.inputs, self.states = [], []
        for t in range(steps):
            joined = np.concatenate([x[:, t], h, ones], axis=1)
            a = joined @ matrix.T
            h = np.tanh(a) if self.nonlinearity == "tanh" else np.maximum(a, 0)
            self.inputs.append(joined)
            self.states.append(h)
        self.matrix = matrix
        return np.stack(self.states, axis=1), self.states[-1][np.newaxis].copy()

    def backward(self, grad_output: Array, grad_h_n: Array | None = None) -> tuple[Array, Array]:
        n, steps = len(self.states[0]), len(self.states)
        d, h = self.input_size, self.hidden_size
        require_shape("grad_output", grad_output, (n, steps, h))
        if grad_h_n is not None:
            require_shape("grad_h_n", grad_h_n, (1, n, h))
        carry = np.zeros((n, h), grad_output.dtype) if grad_h_n is None else grad_h_n[0]
        d_matrix, dx = np.zeros_like(self.matrix), []
        for t in reversed(range(steps)):
            state = self.states[t]
            slope = 1 - state**2 if self.nonlinearity == "tanh" else (state > 0)
            delta = (grad_output[:, t] + carry) * slope
            d_matrix += delta.T @ self.inputs[t]
            d_joined = delta @ self.matrix
            dx.append(d_joined[:, :d])
            carry = d_joined[:, d : d + h]
        self.weight_ih.grad += d_matrix[:, :d]
        self.weight_hh.grad += d_matrix[:, d : d + h]
        if self.bias_ih is not None:
            self.bias_ih.grad += d_matrix[:, -2]
            self.bias_hh.grad += d_matrix[:, -1]
        return np.stack(dx[::-1], axis=1), carry[None]
