"""Arrays in another form: for checks that a layer takes them as well."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def as_float32(value: Array) -> Array:
    """Floating-point arrays as float32; indices stay."""
    return value.astype(np.float32) if value.dtype.kind == "f" else value


def strided(array: Array) -> Array:
    """A view of the same values in which the last axis isn't contiguous."""
    if array.ndim == 0:
        return array
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wide[..., ::2] = array
    view: Array = wide[..., ::2]
    return view


def shape_of(returned: Any) -> tuple[int, ...] | None:
    """The shape of what a submission returned; None of what is neither array nor number, as of
    lists, which may be of any lengths."""
    if isinstance(returned, np.ndarray):
        return tuple(returned.shape)
    return () if isinstance(returned, (int, float)) else None
