"""Compares what a submission returned with what an oracle expects: shape, dtype, NaN, values.

The order matters to the reader: a wrong shape explains wrong values, not the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.parity.diagnosis import diagnose
from autograder.parity.heatmaps import error_map
from autograder.results import Comparison
from autograder.sandbox.protocol import Array, clean

# Room for another order of summation, none for another formula.
RELATIVE = {"f8": 1e-7, "f4": 1e-4, "f2": 1e-2}

EVIDENCE_BYTES = 1 << 20  # of a wrong array that is kept, to be compared with known mistakes


class TrivialExpectation(Exception):
    """A check expects an array that is constant or zero, which a wrong submission meets too."""


class CheckFailed(Exception):
    """A comparison of this check did not hold; the comparisons say which."""


@dataclass
class Parity:
    """Collects the comparisons of one check, with the arrays that they were made on.

    Used as a function in checks: `parity("grad of x", got, expected)`. A failed comparison
    doesn't end the check: the next gradient may be right, which is worth knowing.
    """

    comparisons: list[Comparison] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=dict)  # label -> what was wrong there
    seen: dict[str, Array] = field(default_factory=dict)  # label -> expected, for swapped outputs

    def __call__(
        self,
        label: str,
        got: Any,
        expected: Any,
        *,
        trivial: bool = False,
        rtol: float | None = None,
    ) -> None:
        """Compare an array, or a float, with the expected one.

        Raises:
            TrivialExpectation: `expected` is constant or nearly zero, and `trivial` isn't set.
        """
        expected = np.asarray(expected)
        if not trivial:
            refuse_trivial(label, expected)
        with np.errstate(all="ignore"):  # a submission's numbers may overflow: that is no warning
            comparison = compare(label, got, expected, rtol, self.seen)
        self.seen[label] = expected
        self.add(comparison, None if comparison.passed else evidence_of(got))

    def equal(self, label: str, got: Any, expected: Any) -> None:
        """Compare text, whole numbers, lists and dictionaries, exactly."""
        same = type(got) is type(expected) and same_plain(got, expected)
        message = "" if same else f"got {shorten(got)}, expected {shorten(expected)}"
        problem = "" if same else "values"
        self.add(Comparison(label, same, problem, message), describe(got) if same else shorten(got))

    def floats(self, label: str, got: Any, shape: Sequence[int], dtype: str = "") -> bool:
        """Whether this is an array of real numbers of that shape (and dtype): safe to look into."""
        real = isinstance(got, np.ndarray) and got.dtype.kind == "f"
        found = f"{got.dtype} array of shape {got.shape}" if real else describe(got)
        right = real and got.shape == tuple(shape) and dtype in ("", str(got.dtype))
        wanted = f"{dtype or 'float'} array of shape {tuple(shape)}"
        self.holds(label, right, f"{label}: expected a {wanted}, got {found}")
        return right

    def holds(self, label: str, condition: bool, message: str) -> None:
        """Note that something is as it must be, or the message that says what is wrong."""
        passed = bool(condition)  # a comparison of NumPy numbers is no plain bool
        message = "" if passed else message
        self.add(Comparison(label, passed, "" if passed else "values", message), message)

    def parts(self, label: str, got: Any, count: int) -> tuple[Any, ...]:
        """The parts of a tuple that was returned; None for each, and a failure, if it is none."""
        if isinstance(got, (tuple, list)) and len(got) == count:
            return tuple(got)
        self.holds(label, False, f"{label}: expected a tuple of {count}, got {describe(got)}")
        return (None,) * count

    def add(self, comparison: Comparison, evidence: Any) -> None:
        self.comparisons.append(comparison)
        if not comparison.passed:
            self.evidence[comparison.label] = evidence

    def conclude(self) -> None:
        """End the check. Raises CheckFailed if a comparison did not hold."""
        if self.evidence:
            raise CheckFailed("; ".join(c.message for c in self.comparisons if not c.passed)[:2000])
        if not self.comparisons:
            raise TrivialExpectation("the check compared nothing")


def evidence_of(got: Any) -> Any:
    """What was wrong, to be compared with known mistakes: a small array, or its description."""
    small = isinstance(got, np.ndarray) and got.nbytes <= EVIDENCE_BYTES
    # a copy: what came over the pipe is a view of all the bytes that came with it
    return got.copy() if small else describe(got)


def refuse_trivial(label: str, expected: Array) -> None:
    """Zeros and constants are what a forgotten computation returns."""
    finite = expected[np.isfinite(expected)] if expected.dtype.kind == "f" else expected
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    if not max(abs(low), abs(high)) > 1e-12:
        raise TrivialExpectation(f"{label}: the expected array is zero or empty")
    if expected.size > 1 and low == high:
        raise TrivialExpectation(f"{label}: the expected array is constant")


def compare(
    label: str, got: Any, expected: Array, rtol: float | None, others: dict[str, Array]
) -> Comparison:
    """The first thing that is wrong with `got`, or a comparison that passed."""
    if isinstance(got, (float, int)) and not isinstance(got, bool):
        # A Python number has no width to be wrong, but a float is no whole number.
        got = np.asarray(got, expected.dtype if expected.dtype.kind == "f" else None)
    if not isinstance(got, np.ndarray):
        message = f"expected an array of shape {expected.shape}, got {describe(got)}"
        return Comparison(label, False, "missing", f"{label}: {message}")
    shapes = {"expected_shape": list(expected.shape), "got_shape": list(got.shape)}
    dtypes = {"expected_dtype": name_of(expected.dtype), "got_dtype": name_of(got.dtype)}
    if got.shape != expected.shape:
        message = f"{label}: shape {got.shape}, expected {expected.shape}"
        found = diagnose(got, expected, others)
        return Comparison(label, False, "shape", message, found, **shapes, **dtypes)  # type: ignore[arg-type]
    if not same_kind(got.dtype, expected.dtype):
        message = f"{label}: dtype {got.dtype}, expected {expected.dtype}"
        return Comparison(label, False, "dtype", message, **shapes, **dtypes)  # type: ignore[arg-type]
    return compare_values(label, got, expected, rtol, others, {**shapes, **dtypes})


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
    others: dict[str, Array],
    facts: dict[str, Any],
) -> Comparison:
    wanted, given = expected.astype(np.float64), got.astype(np.float64)
    tolerance = tolerances(wanted, expected.dtype, rtol)
    error = np.asarray(np.abs(given - wanted))
    if not (error <= tolerance).all():  # infinities that are equal come out as NaN
        error = np.nan_to_num(np.where(same_or_nan(given, wanted), 0.0, error), nan=np.inf)
    wrong = error > tolerance
    facts |= {"size": int(expected.size), "wrong": int(wrong.sum())}
    if not facts["wrong"]:
        largest = float(error.max(initial=0.0))
        return Comparison(label, True, max_error=largest, **facts)
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
        "" if nan else diagnose(given, wanted, others),
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
    if not np.isfinite(size).all():
        size = np.where(np.isfinite(size), size, 0.0)
    flat = np.minimum(size, 1e150).ravel()
    scale = math.sqrt(flat @ flat / flat.size) if flat.size else 0.0
    result: Array = relative * (size + scale) / 2
    return result


def same_plain(got: Any, expected: Any) -> bool:
    """Equality of plain values; collections that hold an array where a value belongs differ."""
    try:
        return bool(got == expected)
    except ValueError:  # NumPy: the truth value of an array
        return False


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
        return f"a {type(value).__name__}"
    return repr(value)


def shorten(value: Any) -> str:
    """A plain value as text, cleaned and not too long to read."""
    return clean(repr(value), 200)
