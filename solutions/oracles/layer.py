"""The output and the gradients of one torch.nn.Module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[Any]


def layer(
    name: str,
    args: Sequence[Any],
    options: Mapping[str, Any],
    parameters: Mapping[str, Array],
    inputs: Sequence[Array],
    grad_out: Array | float | None = None,
    target: Array | None = None,
    training: bool = True,
    picked: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """Run `torch.nn.<name>(*args, **options)` forward, and backward from `grad_out`.

    Args:
        parameters: by torch's names; takes the place of the initial ones.
        inputs: floating-point arrays get a gradient each, others (indices) none.
        grad_out: dL/d(output), the shape of the output; None for the forward pass alone.
        target: second argument of a loss, without a gradient.
        picked: by the name of a large result, the places of the entries that are wanted of it
            in row-major order. Then nothing else is returned.
    Returns:
        "output"; with `grad_out` also "grad_input" (of the first input), "grad_input_1" (of
        the second) and so on, and "grad_<parameter>".
    """
    made: torch.nn.Module = getattr(torch.nn, name)(*args, **options)
    return run(made, parameters, inputs, grad_out, target, training, picked)


def run(
    module: torch.nn.Module,
    parameters: Mapping[str, Array],
    inputs: Sequence[Array],
    grad_out: Array | float | None = None,
    target: Array | None = None,
    training: bool = True,
    picked: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """The same for any module: what oracles of one's own modules call, too."""
    torch.set_num_threads(1)
    module.double().train(training)
    state = {key: torch.from_numpy(value.astype(np.float64)) for key, value in parameters.items()}
    module.load_state_dict(state, strict=not list(module.buffers()))
    tensors = [tensor(value) for value in inputs]
    extra = [] if target is None else [tensor(target).detach()]
    output = module(*tensors, *extra)
    result: dict[str, Array] = {"output": output.detach().numpy()}
    if grad_out is not None:
        output.backward(torch.from_numpy(np.asarray(grad_out, dtype=np.float64)))
        result |= gradients(tensors, dict(module.named_parameters()))
    if picked is not None:
        return {key: result[key].reshape(-1)[places] for key, places in picked.items()}
    return result


def tensor(value: Array) -> torch.Tensor:
    """A leaf that collects a gradient, if its values are real numbers; indices as int64."""
    if value.dtype.kind != "f":
        wide = np.int64 if value.dtype.kind in "iu" else value.dtype
        return torch.from_numpy(np.array(value, wide))  # torch doesn't take every narrow one
    return torch.from_numpy(value.astype(np.float64)).requires_grad_()


def gradients(
    inputs: Sequence[torch.Tensor], parameters: Mapping[str, torch.Tensor]
) -> dict[str, Array]:
    result: dict[str, Array] = {}
    for index, leaf in enumerate(inputs):
        if leaf.grad is not None:
            result[f"grad_input_{index}" if index else "grad_input"] = leaf.grad.numpy()
    for name, parameter in parameters.items():
        if parameter.grad is not None:
            result[f"grad_{name}"] = parameter.grad.numpy()
    return result
