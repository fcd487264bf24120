"""Each step leaves a function on a tape, backward plays it in reverse; results are named tuples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class States(NamedTuple):
    output: Array
    h_n: Array


class Gradients(NamedTuple):
    x: Array
    h0: Array


_FUNCTIONS = {
    "tanh": (np.tanh, lambda h: 1 - h * h),
    "relu": (lambda a: a * (a > 0), lambda h: (h > 0).astype(h.dtype)),
}


class RNN(Module):
    def __init__(self, input_size, hidden_size, nonlinearity="tanh", bias=True, rng=None):
        self.input_size, self.hidden_size = input_size, hidden_size
        self.nonlinearity = nonlinearity
        if nonlinearity not in _FUNCTIONS:
            raise ValueError(f"choose one of {', '.join(_FUNCTIONS)}, not {nonlinearity}")
        rng = rng or np.random.default_rng()
        bound = hidden_size**-0.5

        def draw(*shape):
            return Parameter(rng.uniform(-bound, bound, shape))

        self.weight_ih = draw(hidden_size, input_size)
        self.weight_hh = draw(hidden_size, hidden_size)
        self.bias_ih = draw(hidden_size) if bias else None
        self.bias_hh = draw(hidden_size) if bias else None

    def _step(self, x_t: Array, h: Array):
        phi, slope = _FUNCTIONS[self.nonlinearity]
        a = x_t @ self.weight_ih.data.T + h @ self.weight_hh.data.T
        if self.bias_ih is not None:
            a = a + self.bias_ih.data + self.bias_hh.data
        new = phi(a)

        def back(grad: Array) -> tuple[Array, Array]:
            delta = grad * slope(new)
            self.weight_ih.grad += delta.T @ x_t
            self.weight_hh.grad += delta.T @ h
            if self.bias_ih is not None:
                self.bias_ih.grad += delta.sum(axis=0)
                self.bias_hh.grad += delta.sum(axis=0)
            return delta @ self.weight_ih.data, delta @ self.weight_hh.data

        return new, back

    def forward(self, x: Array, h0: Array | None = None) -> States:
        require_shape("x", x, ("N", "T", self.input_size))
        shape = (1, x.shape[0], self.hidden_size)
        if x.shape[1] == 0:
            raise ValueError(f"x has shape {x.shape}, but at least one step is needed")
        if h0 is not None:
            require_shape("h0", h0, shape)
        h = np.zeros(shape, x.dtype)[0] if h0 is None else np.array(h0[0])
        output = np.empty((*x.shape[:2], self.hidden_size), x.dtype)
        self._tape = []
        for t in range(x.shape[1]):
            h, back = self._step(x[:, t], h)
            output[:, t] = h
            self._tape.append(back)
        self._shapes = output.shape, shape
        return States(output, output[:, -1].reshape(shape))

    def backward(self, grad_output: Array, grad_h_n: Array | None = None) -> Gradients:
        require_shape("grad_output", grad_output, self._shapes[0])
        if grad_h_n is None:
            grad_h_n = np.zeros(self._shapes[1], grad_output.dtype)
        require_shape("grad_h_n", grad_h_n, self._shapes[1])
        carry, dx = grad_h_n[0], np.empty((*grad_output.shape[:2], self.input_size), grad_output.dtype)
        for t, back in reversed(list(enumerate(self._tape))):
            dx[:, t], carry = back(grad_output[:, t] + carry)
        return Gradients(dx, carry[None, ...])
