"""Recursion over the steps instead of a loop, forward and backward; pre-activations kept, states recomputed."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class RNN(Module):
    def __init__(self, input_size, hidden_size, nonlinearity="tanh", bias=True, rng=None):
        self.input_size, self.hidden_size = input_size, hidden_size
        self.nonlinearity = nonlinearity
        if nonlinearity not in ["tanh", "relu"]:
            raise ValueError(f"unknown nonlinearity: {nonlinearity}")
        rng = rng or np.random.default_rng()
        s = 1.0 / float(np.sqrt(hidden_size))
        self.weight_ih = Parameter(rng.uniform(-s, s, size=(hidden_size, input_size)))
        self.weight_hh = Parameter(rng.uniform(-s, s, size=(hidden_size, hidden_size)))
        self.bias_ih = Parameter(rng.uniform(-s, s, size=hidden_size)) if bias else None
        self.bias_hh = Parameter(rng.uniform(-s, s, size=hidden_size)) if bias else None

    def _phi(self, a: Array) -> Array:
        return np.tanh(a) if self.nonlinearity == "tanh" else np.where(a > 0, a, 0)

    def _slope(self, a: Array) -> Array:
        if self.nonlinearity == "relu":
            return np.heaviside(a, 0)
        return 1 - np.tanh(a) ** 2

    def _walk(self, inputs: list[Array], h: Array) -> list[Array]:
        """The pre-activations of all steps, given their inputs and the state before them."""
        if not inputs:
            return []
        a = inputs[0] + h @ self.weight_hh.data.T
        return [a, *self._walk(inputs[1:], self._phi(a))]

    def _back(self, t: int, grads: Array, last: Array) -> Array:
        """Fills self._delta from step t on; returns dL/dh before step t."""
        after = last if t == len(self._a) - 1 else self._back(t + 1, grads, last)
        self._delta[t] = (grads[:, t] + after) * self._slope(self._a[t])
        return self._delta[t] @ self.weight_hh.data

    def forward(self, x: Array, h0: Array | None = None) -> tuple[Array, Array]:
        require_shape("x", x, ("N", "T", self.input_size))
        if x.shape[1] < 1:
            raise ValueError(f"no steps in x of shape {x.shape}")
        wanted = (1, len(x), self.hidden_size)
        h0 = np.zeros(wanted, dtype=x.dtype) if h0 is None else h0
        require_shape("h0", h0, wanted)
        projected = x @ self.weight_ih.data.T
        if self.bias_ih is not None:
            projected = projected + (self.bias_ih.data + self.bias_hh.data)
        self._x, self._h0 = x, h0
        self._a = self._walk(list(np.moveaxis(projected, 1, 0)), h0[0])
        states = [self._phi(a) for a in self._a]
        return np.stack(states, axis=1), np.expand_dims(states[-1], 0)

    def backward(self, grad_output: Array, grad_h_n: Array | None = None) -> tuple[Array, Array]:
        n, steps, _ = self._x.shape
        require_shape("grad_output", grad_output, (n, steps, self.hidden_size))
        if grad_h_n is None:
            grad_h_n = np.zeros_like(self._h0)
        require_shape("grad_h_n", grad_h_n, self._h0.shape)
        self._delta = [None] * steps
        dh0 = self._back(0, grad_output, grad_h_n[0])
        before = [self._h0[0], *(self._phi(a) for a in self._a[:-1])]
        rows = np.concatenate(self._delta)
        self.weight_ih.grad += rows.T @ np.concatenate(list(self._x.swapaxes(0, 1)))
        self.weight_hh.grad += rows.T @ np.concatenate(before)
        for bias in (self.bias_ih, self.bias_hh):
            if bias is not None:
                bias.grad += rows.sum(axis=0)
        return np.stack([d @ self.weight_ih.data for d in self._delta], axis=1), dh0[None]
