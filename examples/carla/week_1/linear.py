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
        # TODO draw self.weight and self.bias (None without a bias) from rng
        raise NotImplementedError("week_1/linear.py: Linear.__init__")

    def forward(self, x: Array) -> Array:
        """x Wᵀ + b.

        Args:
            x: shape (…, D): any number of batch axes, also none. Not changed.
        Returns:
            Shape (…, K).
        Raises:
            ValueError: the last axis of x is not D.
        """
        # TODO check the shape, keep x, multiply it by the weights, add the bias
        raise NotImplementedError("week_1/linear.py: Linear.forward")

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
        # TODO check the shape, add both parameter gradients, return that of x
        raise NotImplementedError("week_1/linear.py: Linear.backward")
