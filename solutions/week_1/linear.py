"""The linear layer: D inputs, K outputs, and a weight for each pair of them.

    y = x Wᵀ + b

All examples share W and b, so the gradients of the two are sums over the batch.
"""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class Linear(Module):
    """Every output is a weighted sum of all inputs, plus a bias.

    Args:
        in_features: D, length of the last axis of the input.
        out_features: K, length of the last axis of the output.
        bias: whether there is a bias.
        rng: source of the initial weights; None takes a fresh generator.
    Attributes:
        weight: W, shape (K, D), drawn as torch draws it: uniform in ±1/√D.
        bias: b, shape (K,), drawn likewise; None without a bias.
    Parity: torch.nn.Linear.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.in_features, self.out_features = in_features, out_features
        rng = rng or np.random.default_rng()
        ### BEGIN SOLUTION draw self.weight and self.bias (None without a bias) from rng
        # A sum of D terms has D times the variance of one; 1/√D keeps outputs of order 1.
        bound = 1 / math.sqrt(in_features)
        self.weight = Parameter(rng.uniform(-bound, bound, (out_features, in_features)))
        self.bias = Parameter(rng.uniform(-bound, bound, out_features)) if bias else None
        ### END SOLUTION

    def forward(self, x: Array) -> Array:
        """A weighted sum for every output.

        Args:
            x: shape (…, D): any number of batch axes, also none.
        Returns:
            y, shape (…, K).
        Raises:
            ValueError: the last axis of x does not have length D.
        Math: y = x Wᵀ + b.
        """
        ### BEGIN SOLUTION check the shape, keep x, multiply it by the weights, add the bias
        require_shape("x", x, (..., self.in_features))
        self.x = x
        rows = x.reshape(-1, self.in_features)  # all batch axes in one: one matrix product
        y = rows @ self.weight.data.T
        if self.bias is not None:
            y += self.bias.data
        return y.reshape(*x.shape[:-1], self.out_features)
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x; adds to weight.grad and bias.grad.

        Args:
            grad_out: dL/dy, shape (…, K).
        Returns:
            dL/dx, shape (…, D).
        Raises:
            ValueError: grad_out has another shape than y.
        Math: dx = g W,    dW = gᵀ x,    db = Σₙ g, with all batch axes taken as one axis N.
        """
        ### BEGIN SOLUTION check the shape, add both parameter gradients, return that of x
        require_shape("grad_out", grad_out, (*self.x.shape[:-1], self.out_features))
        rows = self.x.reshape(-1, self.in_features)
        grad = grad_out.reshape(-1, self.out_features)
        self.weight.grad += grad.T @ rows  # (K, N) (N, D)
        if self.bias is not None:
            self.bias.grad += grad.sum(axis=0)
        return (grad @ self.weight.data).reshape(self.x.shape)  # (N, K) (K, D)
        ### END SOLUTION
