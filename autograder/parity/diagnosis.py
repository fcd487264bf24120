"""Says what kind of mistake a wrong array looks like, when no mistake of the catalogue fits.

Each rule proposes how the expected array would have to be changed to give the wrong one. A
rule speaks only when the change explains every element.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Others = Mapping[str, Array]

LARGEST = 1 << 20  # elements: a wrong array with more of them isn't looked into


def diagnose(got: Array, expected: Array, others: Others) -> str:
    """A sentence about how `got` relates to `expected`, or nothing.

    Args:
        others: expected arrays of the same check under their labels, for swapped outputs.
    """
    if not 0 < got.size <= LARGEST:
        return ""
    got, expected = got.astype(np.float64), expected.astype(np.float64)
    if not (np.isfinite(got).all() and np.isfinite(expected).all()):
        return ""
    rules = SAME_SHAPE if got.shape == expected.shape else OTHER_SHAPE
    for rule in rules:
        if sentence := rule(got, expected, others):
            return sentence
    return ""


def close(got: Array, expected: Array) -> bool:
    """Equal but for rounding, on the scale of the expected array."""
    if got.shape != expected.shape:
        return False
    scale = float(np.abs(expected).max(initial=0.0))
    return bool((np.abs(got - expected) <= 1e-5 * np.abs(expected) + 1e-6 * scale).all())


def zeros(got: Array, _expected: Array, _others: Others) -> str:
    return "" if got.any() else "Every value is zero: nothing was computed, or nothing was added."


def swapped(got: Array, _expected: Array, others: Others) -> str:
    for label, other in others.items():
        if close(got, other):
            return f"This is what was expected as “{label}”: are the two in the wrong order?"
    return ""


def sign(got: Array, expected: Array, _others: Others) -> str:
    return "The sign is flipped everywhere." if close(-got, expected) else ""


def factor(got: Array, expected: Array, _others: Others) -> str:
    """got = c · expected, with the c that fits best in the sense of least squares."""
    norm = float((expected * expected).sum())
    ratio = float((got * expected).sum()) / norm if norm else 0.0
    if ratio == 0.0 or not close(got / ratio, expected):
        return ""
    times, sign_too = abs(ratio), ", and its sign is flipped" if ratio < 0 else ""
    if times >= 1:
        return f"Every value is {times:.6g} times as large as expected{sign_too}."
    return f"Every value is {1 / times:.6g} times too small{sign_too}."


def offset(got: Array, expected: Array, _others: Others) -> str:
    difference = got - expected
    mean = float(difference.mean())
    if got.size < 2 or np.abs(difference - mean).max() > 1e-6 * max(abs(mean), 1e-12):
        return ""
    return f"Every value is {abs(mean):.6g} too {'large' if mean > 0 else 'small'}."


def axis_offset(got: Array, expected: Array, _others: Others) -> str:
    """The difference is the same all along one axis: something is added or missing there."""
    difference = got - expected
    scale = float(np.abs(difference).max())
    for axis in range(difference.ndim):
        if difference.shape[axis] > 1 and np.ptp(difference, axis=axis).max() <= 1e-6 * scale:
            return f"The error is the same all along axis {axis}: a term of the other axes is off."
    return ""


def transposed(got: Array, expected: Array, _others: Others) -> str:
    for axes in permutations(range(expected.ndim)):
        if axes != tuple(range(expected.ndim)) and close(got, expected.transpose(axes)):
            return (
                f"The values are right, but the axes are in the order {axes}: a transpose is off."
            )
    return ""


def reshaped(got: Array, expected: Array, _others: Others) -> str:
    if got.size != expected.size or not close(got.reshape(expected.shape), expected):
        return ""
    return f"The values are right and in order, only the shape isn't {expected.shape}."


def reversed_axis(got: Array, expected: Array, _others: Others) -> str:
    for axis in range(expected.ndim):
        if close(got, np.flip(expected, axis)):
            return f"The values are right, but in reverse along axis {axis}."
    return ""


def missing_sum(got: Array, expected: Array, _others: Others) -> str:
    """Summing or averaging the wrong array over its additional axes gives the expected one."""
    for axis in range(got.ndim):
        for keep in (False, True):
            if close(got.sum(axis=axis, keepdims=keep), expected):
                return f"A sum over axis {axis} is missing."
            if close(got.mean(axis=axis, keepdims=keep), expected):
                return f"A mean over axis {axis} is missing."
    return ""


def first_wrong(got: Array, expected: Array, _others: Others) -> str:
    """Nothing recognised: where the first wrong value is, in reading order."""
    tolerance = 1e-5 * np.abs(expected) + 1e-6 * float(np.abs(expected).max(initial=0.0))
    wrong = np.argwhere(np.abs(got - expected) > tolerance)
    if len(wrong) == 0 or len(wrong) == got.size:
        return ""
    index = [int(i) for i in wrong[0]]
    return f"The first wrong value, in reading order, is at {index}; those before it are right."


Rule = Callable[[Array, Array, Others], str]
SAME_SHAPE: tuple[Rule, ...] = (
    *(zeros, sign, factor, offset, transposed, reversed_axis, swapped, axis_offset, first_wrong),
)
OTHER_SHAPE: tuple[Rule, ...] = (transposed, swapped, missing_sum, reshaped)
