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
        # TODO give every parameter that has a gradient a gradient of zeros
        raise NotImplementedError("week_3/optim.py: Optimizer.zero_grad")


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
        # TODO reject what the docstring rejects, keep the arguments, start at rest
        raise NotImplementedError("week_3/optim.py: SGD.__init__")

    def step(self) -> None:
        """Move every parameter once, in place. The gradients stay as they are.

        A parameter whose grad is None does not move.

        Math: with gradient g, parameter θ, velocity v (per parameter, the shape of θ),
            g ← g + weight_decay · θ
            v ← g in its first step, momentum · v + (1 - dampening) · g afterwards
            d = g + momentum · v with nesterov, v with momentum only, g without momentum
            θ ← θ - lr · d
        """
        # TODO decay, velocity and direction of each parameter, then its move
        raise NotImplementedError("week_3/optim.py: SGD.step")


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
        # TODO reject what the docstring rejects, keep the arguments, start the moments
        raise NotImplementedError("week_3/optim.py: Adam.__init__")

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
        # TODO update the two moments, correct their bias, move each parameter
        raise NotImplementedError("week_3/optim.py: Adam.step")
