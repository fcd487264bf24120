"""Where an array is wrong and where it is right: "right with one row, wrong with more"."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from autograder.probes.observing import Observation
from autograder.probes.relations import given
from autograder.replay.steps import Asked
from autograder.sandbox.protocol import Array

LEAST = 2  # cases that are right, and cases that are wrong
SURE = 3  # of each, where it is all that is told


def scope(seen: Collection[Observation], label: str, least: int = LEAST) -> str:
    """A sentence, if exactly one description tells the wrong cases from the right ones."""
    about = [one for one in seen if label in one.expected or label in one.wrong]
    wrong = {one.probe.title for one in about if label in one.wrong}
    right = {one.probe.title for one in about} - wrong
    if len(wrong) < least or len(right) < least:
        return ""
    described: dict[str, set[str]] = {}
    for one in about:
        for words in descriptions(one):
            described.setdefault(words, set()).add(one.probe.title)
    found = [f"wrong in those {w}, and in no other" for w, of in described.items() if of == wrong]
    found += [f"right in those {w}, and in no other" for w, of in described.items() if of == right]
    return f"Of the cases tried, the {label} is {found[0]}." if len(found) == 1 else ""


def entries(seen: Collection[Observation], label: str) -> str:
    """A sentence on which entries are wrong, if exactly one description fits in all cases."""
    found: set[str] | None = None
    partly = 0
    for one in (one for one in seen if label in one.expected):
        got, expected = one.wrong.get(label, one.expected[label]), one.expected[label]
        if got.shape != expected.shape or got.dtype.kind != "f" or expected.dtype.kind != "f":
            return ""
        wrong = ~np.isclose(got, expected, rtol=1e-4, atol=1e-6, equal_nan=True)
        partly += bool(wrong.any() and not wrong.all())
        fits = {words for words, place in places(one, expected) if np.array_equal(place, wrong)}
        found = fits if found is None else found & fits
    if partly < LEAST or not found or len(found) > 1:
        return ""
    return f"In the {label}, those entries are wrong, and no others, {found.pop()}."


def places(seen: Observation, expected: Array) -> Iterator[tuple[str, Array]]:
    """Which entries it may be, in words, and where they are."""
    for method, arrays in given(seen).items():
        x = arrays[0]
        if x.shape == expected.shape:
            yield f"for which what {method} is given is negative", x < 0
            yield f"for which what {method} is given is positive", x > 0
            yield f"for which what {method} is given is zero", x == 0
    yield "that are to be negative", expected < 0
    yield "that are to be positive", expected > 0
    yield "that are to be zero", expected == 0
    index = np.indices(expected.shape)
    for axis, length in enumerate(expected.shape):
        yield f"that are the first along axis {axis}", index[axis] == 0
        yield f"that are the last along axis {axis}", index[axis] == length - 1
        yield f"that are not the first along axis {axis}", index[axis] > 0
        yield f"that are not the last along axis {axis}", index[axis] < length - 1


def descriptions(seen: Observation) -> Iterator[str]:
    """What may be said of a case: lengths of 1, arguments that are given, modes."""
    asked = Asked(seen.steps)
    for method, arrays in given(seen).items():
        for axis, length in enumerate(arrays[0].shape):
            if length == 1:
                yield f"in which axis {axis} of what {method} is given has length 1"
        if len(arrays) > 1:
            yield f"in which {method} is given a second array"
    for name, value in asked.options.items():
        yield f"with {name}={value!r}"
    for number, value in enumerate(asked.made, start=1):
        if isinstance(value, (bool, int, float, str)):
            yield f"made with {value!r} as argument {number}"
    for method, args in asked.calls.items():
        if not args:
            yield f"after {method}()"
