"""Your own backward against your own forward: a gradient check by central differences.

No reference is needed. `forward` says what the loss is, so moving one entry of an array a little to
either side says how the loss changes with it, which is what `backward` claims to know:

    dL/dxᵢ ≈ (L(xᵢ + eps) - L(xᵢ - eps)) / (2 eps)

That takes two forward passes for each entry: fine for a test on a small array, far too slow to
train with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from given.module import Array, Module


def gradcheck(
    module: Module,
    x: Array,
    *others: Any,
    eps: float = 1e-6,
    rng: np.random.Generator | None = None,
) -> dict[str, float]:
    """How far backward is from the differences of forward, for the input and each parameter.

    Args:
        module: a layer or a loss. Its forward must give the same twice: no dropout in training.
        x: the input, float64: float32 has too few digits for differences. Of whole numbers,
            such as indices, no gradient is asked. It is not changed.
        others: what forward takes besides, such as the target of a loss.
        eps: how far an entry is moved to either side.
        rng: draws the gradient from above; None: a fixed one.
    Returns:
        The relative error by name: "input", and the parameters' dotted names.
    Raises:
        ValueError: x is float32, or a gradient has another shape than its array.
    Parity: torch.autograd.gradcheck, which says only whether it passes.
    """
    x = np.array(x)
    if x.dtype.kind == "f" and x.dtype != np.float64:
        raise ValueError(f"x is {x.dtype}: differences need float64, use x.astype(np.float64)")
    generator = np.random.default_rng(0) if rng is None else rng
    grad_out = generator.standard_normal(np.shape(module.forward(x, *others)))
    module.zero_grad()
    claimed = {"input": module.backward(grad_out if grad_out.ndim else float(grad_out))}
    claimed |= {name: np.array(p.grad) for name, p in module.named_parameters()}
    arrays = {"input": x} | {name: p.data for name, p in module.named_parameters()}

    def loss() -> float:
        return float(np.sum(grad_out * module.forward(x, *others)))

    return {
        name: relative_error(claimed[name], differences(loss, array, eps), name)
        for name, array in arrays.items()
        if array.dtype.kind == "f"
    }


def differences(loss: Callable[[], float], array: Array, eps: float = 1e-6) -> Array:
    """The gradient of `loss()` with respect to an array that it uses, by central differences.

    Args:
        loss: computes a number from `array`, without arguments.
        array: float64, any shape. Its entries are moved one by one, and put back.
        eps: how far.
    Returns:
        dL/d(array), the shape of `array`.
    """
    gradient = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + eps
        above = loss()
        array[index] = value - eps
        below = loss()
        array[index] = value
        gradient[index] = (above - below) / (2 * eps)
    return gradient


def relative_error(one: Array, other: Array, name: str = "gradient") -> float:
    """The largest difference of two arrays, as a part of the largest entry in either.

    Raises:
        ValueError: their shapes differ, which broadcasting would hide.
    """
    if np.shape(one) != np.shape(other):
        raise ValueError(f"{name}: shape {np.shape(one)}, not {np.shape(other)}")
    size = max(np.max(np.abs(one), initial=0.0), np.max(np.abs(other), initial=0.0))
    return float(np.max(np.abs(one - other), initial=0.0) / size) if size else 0.0
