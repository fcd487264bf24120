"""Scaled dot-product attention: output, weights and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import scaled_dot_product_attention

Array = NDArray[Any]


def attention(
    query: Array,
    key: Array,
    value: Array,
    attn_mask: Array | None = None,
    is_causal: bool = False,
    grad_out: Array | None = None,
) -> dict[str, Array]:
    """Run torch's function forward, and backward from `grad_out`.

    Returns:
        "output" (…, L, Ev) and "weights" (…, L, S); with `grad_out`, which is dL/d(output),
        also "grad_query", "grad_key" and "grad_value".
    """
    torch.set_num_threads(1)
    q, k, v = (tensor(array).requires_grad_() for array in (query, key, value))
    mask = None if attn_mask is None else tensor(attn_mask)
    output = scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=is_causal)
    # Torch doesn't return the weights. With the unit matrix as values they are the output.
    unit = torch.eye(key.shape[-2], dtype=torch.float64).expand(*key.shape[:-1], -1)
    weights = scaled_dot_product_attention(q, k, unit, attn_mask=mask, is_causal=is_causal)
    result = {"output": output, "weights": weights}
    if grad_out is not None:
        gradients = torch.autograd.grad(output, (q, k, v), tensor(grad_out))
        names = ("grad_query", "grad_key", "grad_value")
        result |= dict(zip(names, gradients, strict=True))
    return {name: values.detach().numpy() for name, values in result.items()}


def tensor(array: Array) -> torch.Tensor:
    """A copy in float64; a boolean mask stays boolean."""
    return torch.from_numpy(np.array(array, bool if array.dtype.kind == "b" else np.float64))
