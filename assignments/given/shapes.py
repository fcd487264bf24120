"""Guards: a wrong shape is refused where it comes in, before NumPy broadcasts it.

NumPy adds (N, 1) and (N,) to (N, N) without a word, and the result is wrong only much later.
So forward and backward begin by saying what they need:

    require_shape("x", x, ("N", 3, "H", "W"))          four axes, the second of length 3
    require_shape("x", x, (..., 3))                    any axes before a last one of length 3
    require_shape("grad_out", grad_out, self.y.shape)  exactly this shape
"""

from __future__ import annotations

from collections.abc import Sequence
from types import EllipsisType

import numpy as np
from given.module import Array

Axis = int | str | EllipsisType  # a length; a letter for any length; `...` for any axes


def require_shape(name: str, array: Array | float, wanted: Sequence[Axis]) -> None:
    """Refuse an array that has another shape than the wanted one.

    Args:
        name: what the message calls the array.
        array: any array; a number has the shape ().
        wanted: for each axis its length, or a letter such as "N" if any length will do. A
            first entry `...` stands for any number of axes, also none.
    Raises:
        ValueError: the shape is another one. The message names both.
        TypeError: the name doesn't come first.
    """
    if not isinstance(name, str):
        raise TypeError('the name comes first: require_shape("x", x, (3, 4))')
    shape = np.shape(array)
    if not _fits(shape, wanted):
        axes = ", ".join("…" if axis is ... else str(axis) for axis in wanted)
        comma = "," if len(wanted) == 1 else ""  # as Python writes a tuple of one
        raise ValueError(f"{name} has shape {shape}, not ({axes}{comma})")


def _fits(shape: tuple[int, ...], wanted: Sequence[Axis]) -> bool:
    if wanted and wanted[0] is ...:
        wanted = wanted[1:]
        shape = shape[max(0, len(shape) - len(wanted)) :]  # the last axes only
    return len(shape) == len(wanted) and all(
        isinstance(axis, str) or axis == length for axis, length in zip(wanted, shape, strict=True)
    )


def pair(name: str, value: int | Sequence[int], least: int) -> tuple[int, int]:
    """One integer twice; two integers, rows then columns, stay as they are.

    Args:
        name: what the message calls the value.
        value: an integer, or a sequence of two.
        least: the smallest integer that is allowed.
    Raises:
        ValueError: an integer is smaller, or there are not two.
    """
    first, second = (value, value) if isinstance(value, int) else value
    if min(first, second) < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
    return first, second
