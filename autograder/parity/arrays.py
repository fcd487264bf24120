"""Compares one array of a submission with the expected one: shape, dtype, NaN, values.

The order matters to the reader: a wrong shape explains wrong values, not the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import numpy as np

from autograder.parity.diagnosis import diagnose
from autograder.parity.heatmaps import error_map
from autograder.results import Comparison
from autograder.sandbox.protocol import Array, with_article

Arrays = Mapping[str, Array]

# Room for another order of summation, none for another formula.
RELATIVE = {"f8": 1e-7, "f4": 1e-4, "f2": 1e-2}


def compare(
    label: str,
    got: Any,
    expected: Array,
    rtol: float | None,
    others: Arrays,
    given: Arrays,
) -> Comparison:
    """The first thing that is wrong with `got`, or a comparison that passed.

    Args:
        others, given: arrays at hand, for a diagnosis: see `diagnosis.Case`.
    """
    if isinstance(got, (float, int)) and not isinstance(got, bool):
        # A Python number has no width to be wrong, but a float is no whole number.
        got = np.asarray(got, expected.dtype if expected.dtype.kind == "f" else None)
    if not isinstance(got, np.ndarray):
        message = f"expected an array of shape {expected.shape}, got {describe(got)}"
        return Comparison(label, False, "missing", f"{label}: {message}")
    diagnosis = partial(diagnose, others=others, given=given)
    shapes = {"expected_shape": list(expected.shape), "got_shape": list(got.shape)}
    dtypes = {"expected_dtype": name_of(expected.dtype), "got_dtype": name_of(got.dtype)}
    if got.shape != expected.shape:
        message = f"{label}: shape {got.shape}, expected {expected.shape}"
        found = diagnosis(got, expected)
        return Comparison(label, False, "shape", message, found, **shapes, **dtypes)  # type: ignore[arg-type]
    if not same_kind(got.dtype, expected.dtype):
        message = f"{label}: dtype {got.dtype}, expected {expected.dtype}"
        return Comparison(label, False, "dtype", message, **shapes, **dtypes)  # type: ignore[arg-type]
    return compare_values(label, got, expected, rtol, diagnosis, {**shapes, **dtypes})


@lru_cache(maxsize=64)  # NumPy takes its time to spell one
def name_of(dtype: np.dtype[Any]) -> str:
    return str(dtype)


def same_kind(got: np.dtype[Any], expected: np.dtype[Any]) -> bool:
    """Floats must have the same width; whole numbers may have any."""
    if expected.kind == "f":
        return got == expected
    return got.kind == expected.kind or {got.kind, expected.kind} <= {"i", "u"}


def compare_values(
    label: str,
    got: Array,
    expected: Array,
    rtol: float | None,
    diagnosis: Callable[..., str],
    facts: dict[str, Any],
) -> Comparison:
    wanted = expected.astype(np.float64, copy=False)
    given = got.astype(np.float64, copy=False)
    tolerance = tolerances(wanted, expected.dtype, rtol)
    error = np.asarray(np.abs(given - wanted))
    passed = bool((error <= tolerance).all())
    if not passed:  # infinities that are equal come out as NaN
        error = np.nan_to_num(np.where(same_or_nan(given, wanted), 0.0, error), nan=np.inf)
        passed = bool((error <= tolerance).all())
    facts |= {"size": int(expected.size), "wrong": 0}
    if passed:
        largest = float(error.max(initial=0.0))
        return Comparison(label, True, max_error=largest, **facts)
    wrong = error > tolerance
    facts["wrong"] = int(wrong.sum())
    index = tuple(int(i) for i in np.unravel_index(np.argmax(error - tolerance), error.shape))
    nan = int((~np.isfinite(given) & np.isfinite(wanted)).sum())
    values = f"got {given[index]:.6g}, expected {wanted[index]:.6g}"
    count, what = (nan, "NaN or infinite") if nan else (facts["wrong"], "wrong")
    many = f"{count} of {facts['size']} values are {what}, most of all at {list(index)}: "
    message = f"{label}: {many if index else ''}{values}"
    return Comparison(
        label,
        False,
        "nan" if nan else "values",
        message,
        "" if nan else diagnosis(given, wanted, wrong=wrong),
        max_error=float(error[index]),
        tolerance=float(tolerance[index]),
        where=list(index),
        expected_value=float(wanted[index]),
        got_value=float(given[index]),
        heatmap=error_map(label, error, tolerance),
        **facts,
    )


def tolerances(expected: Array, dtype: np.dtype[Any], rtol: float | None) -> Array:
    """The allowed absolute error per element: relative to it, and to the array's scale."""
    relative = RELATIVE.get(dtype.str[1:], 0.0) if rtol is None else rtol
    size = np.abs(expected)
    flat = size.ravel()
    squares = float(flat @ flat) if flat.size else 0.0
    if not math.isfinite(squares):  # something isn't, or is too large to be squared
        size = np.where(np.isfinite(size), size, 0.0)
        flat = np.minimum(size, 1e150).ravel()
        squares = float(flat @ flat)
    scale = math.sqrt(squares / flat.size) if flat.size else 0.0
    result: Array = relative * (size + scale) / 2
    return result


def same_or_nan(got: Array, expected: Array) -> Array:
    """Equal, infinities with their sign included; NaN only where NaN is expected."""
    result: Array = (got == expected) | (np.isnan(got) & np.isnan(expected))
    return result


def describe(value: Any) -> str:
    """What a submission returned in place of an array, in words."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if value is None:
        return "nothing (None)"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, (str, bool, int, float, dict)):
        return with_article(type(value).__name__)
    return repr(value)
