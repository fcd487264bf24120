"""Says what kind of mistake a wrong array looks like, when nothing else explains it.

Each rule proposes how the expected array would have to be changed to give the wrong one. A
rule speaks only when the change explains every element, and when nothing simpler does: a wrong
sentence is worse than none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import permutations
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = Mapping[str, Array]

LARGEST = 1 << 20  # elements: a wrong array with more of them isn't looked into
FEWEST = 3  # elements that a constant difference must explain


class Case(msgspec.Struct, frozen=True):
    """A wrong array, the expected one, and what else is at hand.

    Attributes:
        others: expected arrays of the same check under their labels, for swapped outputs.
        given: what methods were given, by their names: a factor may be a size of it.
        wrong: which elements are.
    """

    got: Array
    expected: Array
    others: Arrays
    given: Arrays
    wrong: Array | None


def diagnose(
    got: Array,
    expected: Array,
    others: Arrays,
    given: Arrays | None = None,
    wrong: Array | None = None,
) -> str:
    """A sentence about how `got` relates to `expected`, or nothing."""
    if not 0 < got.size <= LARGEST:
        return ""
    got, expected = got.astype(np.float64), expected.astype(np.float64)
    if not (np.isfinite(got).all() and np.isfinite(expected).all() and expected.any()):
        return ""
    if close(got, expected):  # wrong in a late digit: that looks like anything
        return ""
    case = Case(got, expected, others, given or {}, wrong)
    rules = SAME_SHAPE if got.shape == expected.shape else OTHER_SHAPE
    return next((sentence for rule in rules if (sentence := rule(case))), "")


def close(got: Array, expected: Array) -> bool:
    """Equal but for rounding, on the scale of the expected array; nothing is close to infinity."""
    if got.shape != expected.shape:
        return False
    scale = float(np.abs(expected).max(initial=0.0))
    if not math.isfinite(scale):
        return False
    return bool((np.abs(got - expected) <= 1e-5 * np.abs(expected) + 1e-6 * scale).all())


def varied(array: Array) -> bool:
    """Whether it has two different values other than zero, which meet no others by chance."""
    values = array[array != 0]
    return values.size > 1 and float(np.ptp(values)) > 1e-5 * float(np.abs(values).max())


def zeros(case: Case) -> str:
    if case.got.any() or case.got.size == 1:
        return ""
    return "Every value is zero: nothing was computed, or nothing was added."


def swapped(case: Case) -> str:
    if not varied(case.got):
        return ""
    for label, other in case.others.items():
        if close(case.got, other) and not close(case.expected, other):
            return f"This is what was expected as “{label}”: are the two in the wrong order?"
    return ""


def sign(case: Case) -> str:
    if not close(-case.got, case.expected):
        return ""
    return "The sign is flipped everywhere." if case.got.size > 1 else "The sign is flipped."


def factor(case: Case) -> str:
    """got = c · expected, with the c that fits best in the sense of least squares.

    Any two numbers have a ratio: it is said only if it is a size of something.
    """
    got, expected = case.got, case.expected
    norm = float((expected * expected).sum())  # of very small numbers, this may be 0
    ratio = float((got * expected).sum()) / norm if norm else 0.0
    if ratio == 0.0 or not close(got / ratio, expected):
        return ""
    times, sign_too = abs(ratio), ", and its sign is flipped" if ratio < 0 else ""
    what = "Every value" if got.size > 1 else "The value"
    if near(times, 2.0) or near(times, 0.5):
        return f"{what} is {'twice' if times > 1 else 'half'} as large as expected{sign_too}."
    names = list(dict.fromkeys(n for n, size in sizes(case) if near(max(times, 1 / times), size)))
    if names:
        number = f"{max(times, 1 / times):.0f}"
        how = f"{number} times {'as large as expected' if times > 1 else 'too small'}"
        name = f": {number} is {names[0]}" if len(names) == 1 else ""
        return f"{what} is {how}{sign_too}{name}."
    if varied(expected):
        return f"The values are proportional to what is expected{sign_too}: a factor is off."
    return ""


def near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-5)


def sizes(case: Case) -> Iterator[tuple[str, int]]:
    """The sizes that a forgotten or added mean has, each with its name."""
    arrays = {"": case.expected}
    arrays |= {f" of what {name} was given": array for name, array in case.given.items()}
    for of, array in arrays.items():
        lengths = [(f"the length of axis {i}{of}", n) for i, n in enumerate(array.shape)]
        total = [(f"the number of values{of}", array.size)] if array.ndim > 1 else []
        yield from ((name, size) for name, size in lengths + total if size > 1)


def offset(case: Case) -> str:
    difference = case.got - case.expected
    mean = float(difference.mean())
    if case.got.size < FEWEST or not varied(case.expected):
        return ""
    if np.abs(difference - mean).max() > 1e-6 * max(abs(mean), 1e-12):
        return ""
    return f"Every value is {abs(mean):.6g} too {'large' if mean > 0 else 'small'}."


def axis_offset(case: Case) -> str:
    """The difference is the same all along one axis: something is added or missing there."""
    difference = case.got - case.expected
    scale = float(np.abs(difference).max())
    if np.ptp(difference) <= 1e-6 * scale:
        return ""
    for axis, length in enumerate(difference.shape):
        if 1 < length < difference.size and np.ptp(difference, axis=axis).max() <= 1e-6 * scale:
            return f"The error is the same all along axis {axis}: a term of the other axes is off."
    return ""


def transposed(case: Case) -> str:
    """Another order of the axes that are longer than 1, if just one gives the wrong array."""
    shape = case.expected.shape
    orders: dict[tuple[int, ...], tuple[int, ...]] = {}
    for axes in permutations(range(len(shape))):
        order = tuple(axis for axis in axes if shape[axis] > 1)
        if list(order) != sorted(order) and close(case.got, case.expected.transpose(axes)):
            orders.setdefault(order, axes)
    if len(orders) != 1 or not varied(case.expected):
        return ""
    axes = orders.popitem()[1]
    return f"The values are right, but the axes are in the order {axes}: a transpose is off."


def reshaped(case: Case) -> str:
    got, expected = case.got, case.expected
    if got.size != expected.size or not close(got.reshape(expected.shape), expected):
        return ""
    return f"The values are right and in order, only the shape isn't {expected.shape}."


def reversed_axis(case: Case) -> str:
    axes = [a for a in range(case.got.ndim) if close(case.got, np.flip(case.expected, a))]
    if len(axes) != 1:
        return ""
    return f"The values are right, but in reverse along axis {axes[0]}."


def missing_sum(case: Case) -> str:
    """Summing or averaging the wrong array over one of its axes gives the expected one."""
    got, expected = case.got, case.expected
    found = {
        f"A {name} over axis {axis} is missing."
        for axis, length in enumerate(got.shape)
        for name, reduce in (("sum", np.sum), ("mean", np.mean))
        for keep in (False, True)
        if length > 1 and close(reduce(got, axis=axis, keepdims=keep), expected)
    }
    return found.pop() if len(found) == 1 else ""


def first_wrong(case: Case) -> str:
    """Nothing recognised: where the first wrong value is, in reading order."""
    if case.wrong is None or not case.wrong.any():
        return ""
    index = [int(i) for i in np.argwhere(case.wrong)[0]]
    if not any(index):  # none is before the first of all
        return ""
    return f"The first wrong value, in reading order, is at {index}; those before it are right."


Rule = Callable[[Case], str]
SAME_SHAPE: tuple[Rule, ...] = (
    *(zeros, sign, factor, offset, transposed, reversed_axis, swapped, axis_offset, first_wrong),
)
OTHER_SHAPE: tuple[Rule, ...] = (reshaped, transposed, swapped, missing_sum)
