"""ReLU as x * (x > 0), sigmoid from tanh, tanh from expm1, softmax backward with Jacobians."""

import numpy as np
from given.module import Module
from given.shapes import require_shape


class ReLU(Module):
    def forward(self, x):
        self.slope = x > 0
        return x * self.slope

    def backward(self, grad_out):
        require_shape("grad_out", grad_out, self.slope.shape)
        return grad_out * self.slope


class Sigmoid(Module):
    def forward(self, x):
        self.y = 0.5 * (1.0 + np.tanh(0.5 * x))
        return self.y

    def backward(self, grad_out):
        require_shape("grad_out", grad_out, np.shape(self.y))
        return grad_out * self.y * (1 - self.y)


class Tanh(Module):
    def forward(self, x):
        e = np.expm1(-2 * np.minimum(np.abs(x), 50))  # in (-1, 0]; tanh is 1 long before 50
        self.y = np.sign(x) * (-e / (e + 2))
        return self.y

    def backward(self, grad_out):
        require_shape("grad_out", grad_out, np.shape(self.y))
        return grad_out * (1 - self.y) * (1 + self.y)


class Softmax(Module):
    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        with np.errstate(over="ignore"):
            e = np.exp(x - x.max(axis=self.dim, keepdims=True))
        self.y = e / e.sum(axis=self.dim, keepdims=True)
        return self.y

    def backward(self, grad_out):
        require_shape("grad_out", grad_out, self.y.shape)
        y = np.moveaxis(self.y, self.dim, -1)
        g = np.moveaxis(grad_out, self.dim, -1)
        eye = np.eye(y.shape[-1], dtype=y.dtype)
        jacobian = y[..., :, None] * (eye - y[..., None, :])  # dy_j / dx_i at [..., j, i]
        dx = (g[..., None, :] @ jacobian)[..., 0, :]
        return np.moveaxis(dx, -1, self.dim)
