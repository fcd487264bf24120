"""The linear layer: y = x Wᵀ + b."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter


class Linear(Module):
    """Every output is a weighted sum of all inputs, plus a bias. Parity: torch.nn.Linear.

    Attributes:
        weight: Parameter of shape (out_features, in_features).
        bias: Parameter of shape (out_features,), or None.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        """Weight and bias are drawn as torch draws them.

        Args:
            in_features: size D of the last axis of the input.
            out_features: size K of the last axis of the output.
            bias: whether there is a bias; without one, `self.bias` is None.
            rng: where the random numbers come from; None takes a fresh generator.
        Math: uniform in [-s, s] with s = 1 / √in_features.
        """
        self.in_features = in_features
        self.out_features = out_features
        rng = rng or np.random.default_rng()
        ### BEGIN SOLUTION draw self.weight and self.bias (None without a bias) from rng
        # A sum of D terms has D times the variance of one; s = 1/√D keeps outputs of order 1.
        s = 1 / np.sqrt(in_features)
        self.weight = Parameter(rng.uniform(-s, s, (out_features, in_features)))
        self.bias = Parameter(rng.uniform(-s, s, out_features)) if bias else None
        ### END SOLUTION

    def forward(self, x: Array) -> Array:
        """x Wᵀ + b.

        Args:
            x: shape (…, D): any number of batch axes, also none. Not changed.
        Returns:
            Shape (…, K).
        Raises:
            ValueError: the last axis of x is not D.
        """
        ### BEGIN SOLUTION check the shape, keep x, multiply it by the weights, add the bias
        if x.ndim == 0 or x.shape[-1] != self.in_features:
            raise ValueError(f"x has shape {x.shape}, the layer takes (…, {self.in_features})")
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
            ValueError: grad_out does not have the shape of the output.
        Math: dx = g W; dW = gᵀ x; db = Σₙ g, with all batch axes taken as one axis N.
        """
        ### BEGIN SOLUTION check the shape, add both parameter gradients, return that of x
        if grad_out.shape != (*self.x.shape[:-1], self.out_features):
            raise ValueError(
                f"grad_out {grad_out.shape} is not like output "
                f"{(*self.x.shape[:-1], self.out_features)}"
            )
        rows = self.x.reshape(-1, self.in_features)
        grad = grad_out.reshape(-1, self.out_features)
        self.weight.grad += grad.T @ rows  # (K, N) (N, D)
        if self.bias is not None:
            self.bias.grad += grad.sum(axis=0)
        return (grad @ self.weight.data).reshape(self.x.shape)  # (N, K) (K, D)
        ### END SOLUTION
