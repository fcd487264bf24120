"""Optimizers: from the gradients of the parameters to their next values.

    SGD: θ ← θ - lr · v,    Adam: θ ← θ - lr · m̂ / (√ŝ + eps)

v and m are means of past gradients, s is one of their squares.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from given.module import Array, Parameter


class Optimizer:
    """What every optimizer has in common: the list of parameters that it changes.

    Whatever an optimizer remembers about a parameter (momentum, number of steps) belongs to
    the parameter's place in `params`. Names and shapes don't identify a parameter: two
    layers may share both.

    Args:
        params: the parameters to change.
    Raises:
        ValueError: params is empty.
    Parity: torch.optim.Optimizer, without parameter groups.
    """

    def __init__(self, params: Iterable[Parameter]) -> None:
        self.params = list(params)
        if not self.params:
            raise ValueError("params must not be empty")

    def zero_grad(self) -> None:
        """Set every gradient to zeros of its shape and dtype; one that is None stays None.

        Parity: torch.optim.Optimizer.zero_grad(set_to_none=False).
        """
        ### BEGIN SOLUTION give every parameter that has a gradient a gradient of zeros
        for parameter in self.params:
            if parameter.grad is not None:
                parameter.grad = np.zeros_like(parameter.data)
        ### END SOLUTION


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum, dampening, Nesterov and weight decay.

    Args:
        params: the parameters to change.
        lr: learning rate, the length of a step per unit of gradient.
        momentum: share of the velocity that survives a step; 0 is plain descent.
        dampening: share of the new gradient that is kept out of the velocity.
        weight_decay: factor of the L2 penalty's gradient.
        nesterov: look one step of momentum ahead.
    Raises:
        ValueError: lr, momentum or weight_decay is negative; nesterov without momentum or
            with another dampening than 0; params is empty.
    Parity: torch.optim.SGD.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params)
        ### BEGIN SOLUTION reject what the docstring rejects, keep the arguments, start at rest
        for name, value in (("lr", lr), ("momentum", momentum), ("weight_decay", weight_decay)):
            if value < 0:
                raise ValueError(f"{name} must be at least 0, not {value}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("nesterov needs a momentum above 0 and a dampening of 0")
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.weight_decay, self.nesterov = weight_decay, nesterov
        self.velocities: list[Array | None] = [None] * len(self.params)
        ### END SOLUTION

    def step(self) -> None:
        """Move every parameter once, in place. The gradients stay as they are.

        A parameter whose grad is None does not move.

        Math: with gradient g, parameter θ, velocity v (per parameter, the shape of θ),
            g ← g + weight_decay · θ
            v ← g in its first step, momentum · v + (1 - dampening) · g afterwards
            d = g + momentum · v with nesterov, v with momentum only, g without momentum
            θ ← θ - lr · d
        """
        ### BEGIN SOLUTION decay, velocity and direction of each parameter, then its move
        for i, parameter in enumerate(self.params):
            if parameter.grad is None:
                continue
            gradient = parameter.grad
            if self.weight_decay:
                # The penalty weight_decay/2 · ‖θ‖² has the gradient weight_decay · θ.
                gradient = gradient + self.weight_decay * parameter.data
            direction = gradient
            if self.momentum:
                velocity = self.velocities[i]
                if velocity is None:
                    # A copy: the next backward adds to parameter.grad in place.
                    velocity = gradient.copy()
                else:
                    velocity = self.momentum * velocity + (1 - self.dampening) * gradient
                self.velocities[i] = velocity
                direction = gradient + self.momentum * velocity if self.nesterov else velocity
            parameter.data -= self.lr * direction
        ### END SOLUTION


class Adam(Optimizer):
    """Adaptive moments: every entry of a parameter gets a step length of its own.

    Args:
        params: the parameters to change.
        lr: learning rate, roughly the length of one step of one entry.
        betas: share of the old mean, and of the old mean square, that survives a step.
        eps: keeps the division away from zero.
        weight_decay: factor of the L2 penalty's gradient, added to the gradient.
    Raises:
        ValueError: lr, eps or weight_decay is negative; a beta is outside [0, 1); params is
            empty.
    Parity: torch.optim.Adam.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params)
        ### BEGIN SOLUTION reject what the docstring rejects, keep the arguments, start the moments
        for name, value in (("lr", lr), ("eps", eps), ("weight_decay", weight_decay)):
            if value < 0:
                raise ValueError(f"{name} must be at least 0, not {value}")
        for beta in betas:
            if not 0 <= beta < 1:
                raise ValueError(f"a beta must be in [0, 1), not {beta}")
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.beta1, self.beta2 = betas
        # 0.0 stands for zeros of any shape: the first step gives the moments shape and dtype.
        self.means: list[Array | float] = [0.0] * len(self.params)
        self.squares: list[Array | float] = [0.0] * len(self.params)
        self.steps = [0] * len(self.params)
        ### END SOLUTION

    def step(self) -> None:
        """Move every parameter once, in place. The gradients stay as they are.

        A parameter whose grad is None does not move.

        Math: with gradient g, parameter θ, number t of this parameter's steps (first: 1),
            g ← g + weight_decay · θ
            m ← β₁ m + (1 - β₁) g           mean of the gradients
            s ← β₂ s + (1 - β₂) g²          mean of their squares, entry by entry
            m̂ = m / (1 - β₁ᵗ)               both started at 0: undo the pull towards 0
            ŝ = s / (1 - β₂ᵗ)
            θ ← θ - lr · m̂ / (√ŝ + eps)
        """
        ### BEGIN SOLUTION update the two moments, correct their bias, move each parameter
        for i, parameter in enumerate(self.params):
            if parameter.grad is None:
                continue
            gradient = parameter.grad
            if self.weight_decay:
                gradient = gradient + self.weight_decay * parameter.data
            # A parameter without a gradient skips a step, so each one has its own count.
            self.steps[i] += 1
            mean = self.beta1 * self.means[i] + (1 - self.beta1) * gradient
            square = self.beta2 * self.squares[i] + (1 - self.beta2) * gradient**2
            self.means[i], self.squares[i] = mean, square
            mean_hat = mean / (1 - self.beta1 ** self.steps[i])
            square_hat = square / (1 - self.beta2 ** self.steps[i])
            parameter.data -= self.lr * mean_hat / (np.sqrt(square_hat) + self.eps)
        ### END SOLUTION
