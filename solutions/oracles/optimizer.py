"""Where an optimizer of torch.optim moves parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[Any]


def optimizer(
    name: str,
    options: Mapping[str, Any],
    parameters: Sequence[Array],
    gradients: Sequence[Sequence[Array | None]],
) -> dict[str, Array]:
    """Run `torch.optim.<name>(parameters, **options)`, one step for each entry of `gradients`.

    Args:
        parameters: the initial values.
        gradients: per step the gradient of every parameter, None where it has none.
    Returns:
        "parameter_0", "parameter_1" and so on: the values after every step, shape (steps, ...).
    """
    torch.set_num_threads(1)
    leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in parameters]
    stepper = getattr(torch.optim, name)(leaves, **options)
    trajectories: list[list[Array]] = [[] for _ in leaves]
    for step in gradients:
        for leaf, gradient in zip(leaves, step, strict=True):
            leaf.grad = None if gradient is None else torch.tensor(gradient, dtype=torch.float64)
        stepper.step()
        for leaf, values in zip(leaves, trajectories, strict=True):
            values.append(leaf.detach().numpy().copy())
    return {f"parameter_{i}": np.stack(values) for i, values in enumerate(trajectories)}
