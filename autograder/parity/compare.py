"""Compares what a submission returned with what is expected, and collects what came of it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

import msgspec
import numpy as np
from msgspec.structs import replace

from autograder.parity.arrays import RELATIVE, compare, describe
from autograder.parity.heatmaps import picture
from autograder.results import Comparison, Picture
from autograder.sandbox.protocol import Array, clean
from autograder.sandbox.session import StudentError

EVIDENCE_BYTES = 1 << 20  # of a wrong array that is kept, to be compared with known mistakes

# What NumPy and Python raise for an argument that doesn't fit: any will do if none is named.
REFUSALS = frozenset({"ValueError", "TypeError", "IndexError", "RuntimeError", "AssertionError"})
ACCEPTED = ": accepted; raise "  # between what was to be refused and how

NO_EXCEPTION = "no exception"  # what is wanted of a call that nothing is wrong with

KINDS = {"float": "f", "int": "iu"}  # what NumPy calls those of any width


class TrivialExpectation(Exception):
    """A check expects an array that is constant or zero, which a wrong submission meets too."""


class CheckFailed(Exception):
    """A comparison of this check did not hold; the comparisons say which."""


class Parity(msgspec.Struct):
    """Collects the comparisons of one check, with the arrays that they were made on.

    Used as a function in checks: `parity("grad of x", got, expected)`. A failed comparison
    doesn't end the check: the next gradient may be right, which is worth knowing.
    """

    comparisons: list[Comparison] = []
    evidence: dict[str, Any] = {}  # label -> what was wrong there
    seen: dict[str, Array] = {}  # label -> expected, for swapped outputs
    pictures: list[Picture] = []  # for the report
    case: str = ""  # of several that a check looks at: which of them is compared now
    given: Mapping[str, Array] = {}  # to each method, when last called
    wanted: str = NO_EXCEPTION  # of a call that raised something else

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
            comparison = compare(label, got, expected, rtol, self.seen, self.given)
        self.seen[label] = expected
        if comparison.where is not None:
            given = self.given_at(tuple(comparison.where), expected)
            comparison = replace(comparison, given=given)
        self.add(comparison, None if comparison.passed else evidence_of(got))

    def given_at(self, place: tuple[int, ...], expected: Array) -> dict[str, float | None]:
        """The entries of the inputs at this place, of those with the same shape."""
        alike = {n: a for n, a in self.given.items() if a.shape == expected.shape}
        return {name: float(array[place]) for name, array in alike.items()}

    def number(self, label: str, got: Any, expected: float) -> None:
        """Compare a real number of any type: Python's, or NumPy's of any width."""
        single = isinstance(got, np.ndarray) and got.shape == () and got.dtype.kind in "fiu"
        width = got.dtype.str[1:] if single else "f8"
        self(label, float(got) if single else got, expected, rtol=RELATIVE.get(width))

    def equal(self, label: str, got: Any, expected: Any) -> None:
        """Compare text, whole numbers, lists and dictionaries, exactly."""
        same = type(got) is type(expected) and same_plain(got, expected)
        message = "" if same else f"got {shorten(got)}, expected {shorten(expected)}"
        problem = "" if same else "values"
        self.add(Comparison(label, same, problem, message), None if same else [shorten(got)])

    def array(self, label: str, got: Any, shape: Sequence[int], dtype: str = "float") -> Array:
        """An array of real numbers of that shape: what is safe to look into, and to compute with.

        A number, or a list of numbers, is one too, as a training loop collects them.

        Args:
            dtype: "float" or "int", which become float64 and int64, or a width that it must have.
        Raises:
            CheckFailed: it is something else, which ends the check.
        """
        values, found = numbers(got), describe(got)
        if values is not None:
            found = f"{values.dtype} array of shape {values.shape}"
            fits = dtype == str(values.dtype) or values.dtype.kind in KINDS.get(dtype, "")
            if fits and values.shape == tuple(shape):
                self.holds(label, True, "")
                return values.astype(dtype)
        wanted = f"{dtype} array of shape {tuple(shape)}"
        raise self.wrong(label, f"{label}: expected {wanted}, got {found}")

    def arrays(self, label: str, got: Any, shapes: Sequence[Sequence[int]]) -> dict[str, Array]:
        """A dictionary of float arrays by name, such as a state_dict, of these shapes in any order.

        Raises:
            CheckFailed: it is something else, which ends the check.
        """
        items = got if isinstance(got, dict) and all(isinstance(key, str) for key in got) else {}
        found = [value.shape for value in items.values() if is_float(value)]
        if found and len(found) == len(items) and sorted(found) == sorted(map(tuple, shapes)):
            self.holds(label, True, "")
            return items
        what = " ".join(map(str, found))[:500] if found else describe(got)
        wanted = " ".join(str(tuple(shape)) for shape in shapes)
        raise self.wrong(
            label, f"{label}: expected float arrays of the shapes {wanted}, got {what}"
        )

    def item(self, got: Any, key: str) -> Any:
        """The entry of a dictionary; None if it is none, or has no such entry. Compare it."""
        return got.get(key) if isinstance(got, dict) else None

    def wrong(self, label: str, message: str) -> CheckFailed:
        """Note what is wrong; to be raised where nothing can be made of it."""
        self.holds(label, False, message)
        return CheckFailed(self.problems())

    def holds(self, label: str, condition: bool, message: str) -> None:
        """Note that something is as it must be, or the message that says what is wrong."""
        passed = bool(condition)  # a comparison of NumPy numbers is no plain bool
        message = "" if passed else message
        self.add(Comparison(label, passed, "" if passed else "values", message), message)

    def parts(self, label: str, got: Any, count: int) -> tuple[Any, ...]:
        """The parts of a tuple that was returned; None for each, and a failure, if it is none.

        A list or an array of so many is taken apart as well as a tuple.
        """
        sequence = isinstance(got, (tuple, list)) or (isinstance(got, np.ndarray) and got.ndim > 0)
        if sequence and len(got) == count:
            return tuple(got)
        self.holds(label, False, f"{label}: expected a tuple of {count}, got {describe(got)}")
        return (None,) * count

    def refuses(
        self,
        what: str,
        call: Callable[[], Any],
        wanted: str = "a ValueError",
        kinds: frozenset[str] | None = None,
    ) -> None:
        """The call raises an error, with or without words, of a kind that `wanted` names.

        Args:
            kinds: those that count, if `wanted` doesn't name them.
        """
        kinds = kinds or frozenset(re.findall(r"\w+Error", wanted)) or REFUSALS
        try:
            call()
        except StudentError as error:
            if error.not_attempted or kinds.isdisjoint(error.kinds):
                self.wanted = wanted
                raise
            self.holds(what, True, "")
        else:
            message = f"{what}{ACCEPTED}{wanted}"
            self.add(Comparison(what, False, "accepted", message), message)

    def describe(self, value: Any) -> str:
        """What a submission returned, in words that hold no value of it."""
        return describe(value)

    def picture(self, title: str, matrix: Array, low: str = "0", high: str = "1") -> None:
        """Show a matrix of values between 0 and 1 in the report, such as an attention map."""
        self.pictures.append(picture(title, matrix, low, high))

    def add(self, comparison: Comparison, evidence: Any) -> None:
        if self.case:
            message = comparison.message and f"{self.case}: {comparison.message}"
            label = f"{comparison.label}, {self.case}"
            comparison = replace(comparison, label=label, message=message)
        self.comparisons.append(comparison)
        if not comparison.passed:
            self.evidence[comparison.label] = evidence

    def conclude(self) -> None:
        """End the check. Raises CheckFailed if a comparison did not hold."""
        if self.evidence:
            raise CheckFailed(self.problems())
        if not self.comparisons:
            raise TrivialExpectation("the check compared nothing")

    def problems(self) -> str:
        return "; ".join(c.message for c in self.comparisons if not c.passed)[:2000]


def is_float(value: Any) -> TypeGuard[Array]:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def numbers(got: Any) -> Array | None:
    """An array, a number or a list of numbers as an array; None if there is none."""
    if isinstance(got, bool) or not isinstance(got, (np.ndarray, list, tuple, int, float)):
        return None
    try:
        values = np.asarray(got)
    except (ValueError, TypeError, OverflowError):  # rows of different lengths, say
        return None
    return values if values.dtype.kind in "fiu" else None


def evidence_of(got: Any) -> Any:
    """What was wrong, to be compared with known mistakes: a small array, or its description."""
    small = isinstance(got, np.ndarray) and got.nbytes <= EVIDENCE_BYTES
    # a copy: what came over the pipe is a view of all the bytes that came with it
    return got.copy() if small else describe(got)


def refuse_trivial(label: str, expected: Array) -> None:
    """Zeros and constants are what a forgotten computation returns."""
    if expected.dtype.kind == "f" and expected.size > 1:
        first, last = float(expected.flat[0]), float(expected.flat[-1])
        if first != last and 1e-12 < abs(first) < math.inf and math.isfinite(last):
            return  # most are told apart by two of their values
    finite = expected[np.isfinite(expected)] if expected.dtype.kind == "f" else expected
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    if not max(abs(low), abs(high)) > 1e-12:
        raise TrivialExpectation(f"{label}: the expected array is zero or empty")
    if expected.size > 1 and low == high:
        raise TrivialExpectation(f"{label}: the expected array is constant")


def same_plain(got: Any, expected: Any) -> bool:
    """Equality of plain values; collections that hold an array where a value belongs differ."""
    try:
        return bool(got == expected)
    except ValueError:  # NumPy: the truth value of an array
        return False


def shorten(value: Any) -> str:
    """A plain value as text, cleaned and not too long to read."""
    return clean(repr(value), 200)
