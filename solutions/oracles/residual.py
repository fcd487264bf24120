"""A residual block around tanh(x Wᵀ + b), and blocks around that block."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[Any]


def residual(
    weight: Array, bias: Array, x: Array, grad_out: Array | None = None, depth: int = 1
) -> dict[str, Array]:
    """y = depth · x + tanh(x Wᵀ + b): every block adds the same x once more.

    Returns:
        "output"; with `grad_out`, which is dL/dy, also "grad_input", "grad_weight", "grad_bias".
    """
    torch.set_num_threads(1)
    inputs, w, b = (tensor(array).requires_grad_() for array in (x, weight, bias))
    output = depth * inputs + torch.tanh(torch.nn.functional.linear(inputs, w, b))
    result = {"output": output}
    if grad_out is not None:
        gradients = torch.autograd.grad(output, (inputs, w, b), tensor(grad_out))
        names = ("grad_input", "grad_weight", "grad_bias")
        result |= dict(zip(names, gradients, strict=True))
    return {name: values.detach().numpy() for name, values in result.items()}


def tensor(array: Array) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float64))
