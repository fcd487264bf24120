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
    arrays = [np.asarray(value, np.float64) for value in (x, weight, bias)]
    leaves = [torch.from_numpy(np.array(array)).requires_grad_() for array in arrays]
    x_, weight_, bias_ = leaves
    output = depth * x_ + torch.tanh(torch.nn.functional.linear(x_, weight_, bias_))
    result = {"output": output.detach().numpy()}
    if grad_out is not None:
        output.backward(torch.from_numpy(np.asarray(grad_out, np.float64)))
        names = ("grad_input", "grad_weight", "grad_bias")
        result |= {name: leaf.grad.numpy() for name, leaf in zip(names, leaves, strict=True)}
    return result
