"""The gradients of a layer's inputs: one array, or a tuple with one for each of several inputs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from numpy.typing import DTypeLike

from autograder.parity.compare import Parity


def input_gradients(
    parity: Parity,
    label: str,
    got: Any,
    expected: SimpleNamespace,
    dtype: DTypeLike | None = None,
    rtol: float | None = None,
) -> None:
    """Compare what backward returned with the gradients that torch has for the inputs.

    Args:
        dtype: that of the submission's, if it isn't the one of the expected arrays.
    """
    names = sorted(name for name in vars(expected) if name.startswith("grad_input"))
    arrays = [getattr(expected, name) for name in names]
    wanted = arrays if dtype is None else [array.astype(dtype) for array in arrays]
    if len(wanted) == 1:
        parity(label, got, wanted[0], rtol=rtol)
    elif wanted:
        parts = parity.parts(f"what backward returned, {label}", got, len(wanted))
        for index, (part, gradient) in enumerate(zip(parts, wanted, strict=True)):
            parity(f"{label} {index + 1}", part, gradient, rtol=rtol)
