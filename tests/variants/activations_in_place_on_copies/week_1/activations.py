"""Everything in place on own copies: boolean assignment, out= arguments, augmented operators."""

from __future__ import annotations

import numpy
from given.module import Array, Module
from given.shapes import require_shape


class ReLU(Module):
    def forward(self, x: Array) -> Array:
        y = numpy.array(x, copy=True)
        y[y <= 0] = 0
        self._dead = numpy.less_equal(x, 0)
        return y

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, numpy.shape(self._dead))
        dx = numpy.array(grad_out, copy=True)
        numpy.putmask(dx, self._dead, 0)
        return dx


class Sigmoid(Module):
    def forward(self, x: Array) -> Array:
        y = numpy.empty_like(x)
        numpy.negative(x, out=y)
        with numpy.errstate(over="ignore"):
            numpy.exp(y, out=y)
        y += 1
        numpy.reciprocal(y, out=y)
        self._y = y.copy()
        return y

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._y.shape)
        dx = numpy.subtract(1, self._y)
        dx = numpy.asarray(dx)
        dx *= self._y
        dx *= grad_out
        return dx


class Tanh(Module):
    def forward(self, x: Array) -> Array:
        self._y = numpy.tanh(x, out=numpy.empty_like(x))
        return self._y.copy()

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._y.shape)
        dx = numpy.empty_like(self._y)
        numpy.square(self._y, out=dx)
        numpy.subtract(1, dx, out=dx)
        numpy.multiply(dx, grad_out, out=dx)
        return dx


class Softmax(Module):
    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Array) -> Array:
        y = numpy.array(x, copy=True)
        with numpy.errstate(over="ignore"):
            y -= y.max(axis=self.dim, keepdims=True)
        numpy.exp(y, out=y)
        y /= y.sum(axis=self.dim, keepdims=True)
        self._y = y
        return y.copy()

    def backward(self, grad_out: Array) -> Array:
        require_shape("grad_out", grad_out, self._y.shape)
        dx = grad_out * self._y
        total = dx.sum(axis=self.dim, keepdims=True)
        dx -= total * self._y
        return dx
