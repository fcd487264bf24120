"""The outputs and the gradients of torch.nn.RNN, with one layer and batch first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[Any]


def rnn(
    parameters: Mapping[str, Array],
    x: Array,
    grad_output: Array,
    h0: Array | None = None,
    grad_h_n: Array | None = None,
    nonlinearity: str = "tanh",
) -> dict[str, Array]:
    """Run a torch.nn.RNN forward, and backward from both of its outputs.

    Args:
        parameters: weight_ih (H, D) and weight_hh (H, H), with or without bias_ih and bias_hh
            (H,): torch's names without their "_l0".
        x: shape (N, T, D).
        grad_output: dL/d(output), shape (N, T, H).
        h0: the initial state, shape (1, N, H); zeros if None.
        grad_h_n: dL/d(h_n), shape (1, N, H); zeros if None.
    Returns:
        "output", "h_n", "grad_x", "grad_h0", and "grad_<parameter>" for each of them.
    """
    torch.set_num_threads(1)
    hidden, features = parameters["weight_ih"].shape
    layer = torch.nn.RNN(
        features, hidden, nonlinearity=nonlinearity, bias="bias_ih" in parameters, batch_first=True
    ).double()
    layer.load_state_dict({f"{name}_l0": leaf(value) for name, value in parameters.items()})
    state = np.zeros((1, len(x), hidden)) if h0 is None else h0
    inputs, first = leaf(x).requires_grad_(), leaf(state).requires_grad_()
    output, last = layer(inputs, first)
    names = ["x", "h0", *parameters]
    sources = [inputs, first, *(getattr(layer, f"{name}_l0") for name in parameters)]
    upstream = [leaf(grad_output), torch.zeros_like(last) if grad_h_n is None else leaf(grad_h_n)]
    gradients = torch.autograd.grad([output, last], sources, upstream)
    return {"output": output.detach().numpy(), "h_n": last.detach().numpy()} | {
        f"grad_{name}": gradient.numpy() for name, gradient in zip(names, gradients, strict=True)
    }


def leaf(value: Array) -> torch.Tensor:
    return torch.from_numpy(value.astype(np.float64))
