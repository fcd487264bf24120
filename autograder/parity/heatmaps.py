"""Pictures of where two arrays differ: any array as a small matrix between 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.results import Heatmap

ROWS, COLUMNS = 24, 48
DECADES = 8  # from just outside the tolerance to fully wrong


def error_map(label: str, error: NDArray[Any], tolerance: NDArray[Any]) -> Heatmap:
    """How far each element is outside of its tolerance, on a logarithmic scale.

    0 within the tolerance; otherwise from 0.25 up to 1, by powers of ten.
    """
    floor = np.maximum(tolerance, np.finfo(np.float64).tiny)
    with np.errstate(divide="ignore", over="ignore"):
        decades = np.log10(np.maximum(error, floor) / floor)
    level = 0.25 + 0.75 * np.clip(decades / DECADES, 0.0, 1.0)
    grid = shrink(as_matrix(np.where(error > tolerance, level, 0.0)))
    return Heatmap(f"{label}: where it differs", grid, "within tolerance", "wrong")


def as_matrix(array: NDArray[Any]) -> NDArray[Any]:
    """Any array with the last axis as columns and all others as rows."""
    return array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)


def shrink(matrix: NDArray[Any]) -> list[list[float]]:
    """At most ROWS by COLUMNS: each cell is the largest value of its block."""
    for axis, most in ((0, ROWS), (1, COLUMNS)):
        length = matrix.shape[axis]
        if length > most:
            starts = np.unique(np.linspace(0, length, most, endpoint=False).astype(int))
            matrix = np.maximum.reduceat(matrix, starts, axis=axis)
    return [[round(float(value), 3) for value in row] for row in matrix]


def picture(title: str, matrix: NDArray[Any], low: str, high: str) -> Heatmap:
    """A matrix of values between 0 and 1 as it is, such as an attention map."""
    clipped = np.clip(np.nan_to_num(matrix), 0.0, 1.0)
    return Heatmap(title, shrink(as_matrix(clipped)), low, high)
