"""How a wrong array is made of the arrays around it: what needs no declaration of an author.

For each probe, every relation proposes an array. A relation explains what was wrong if it proposes
what the submission gave for every probe, also where that was right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from autograder.mistakes.explaining import alike
from autograder.probes.functions import images
from autograder.probes.observing import Observation, called
from autograder.probes.terms import Terms, here
from autograder.replay.steps import Asked
from autograder.sandbox.protocol import Array
from autograder.sandbox.session import is_given_an_array

LEAST = 2  # wrong arrays of finite numbers, or it may be chance
AGAIN = " after a second backward"  # how the labels of layers end there


@dataclass(frozen=True)
class Relation:
    """A name for the class page's count, and a sentence for a student."""

    id: str
    hint: str


Proposed = Iterator[tuple[Relation, Array]]
Propose = Callable[[Observation, str], Proposed]


def related(
    seen: Collection[Observation], label: str, terms: Terms | None = None
) -> Relation | None:
    """The first relation that explains what was wrong under this label in all probes; else the
    first that explains it by terms, in all probes in which these are known; else by what is around.
    """
    about = comparable([one for one in seen if label in one.expected], label)
    found = fitting(about, label, proposed)
    if found is None and terms:
        by_title = {one.probe.title: here(terms, one.probe.title, label) for one in about}
        known = [one for one in about if by_title[one.probe.title]]

        def propose(one: Observation, label: str) -> Proposed:
            return by_terms(one, label, by_title[one.probe.title])

        found = fitting(known, label, propose)
    return found or fitting(about, label, combined)


def comparable(about: list[Observation], label: str) -> list[Observation]:
    """Those that were asked as one is in which it is wrong: with the same options, in that mode."""
    modes = [mode(one) for one in about if label in one.wrong]
    return [one for one in about if label in one.wrong or mode(one) in modes]


def mode(one: Observation) -> str:
    """The options that the object was made with, and the calls that only change its mode."""
    asked = Asked(one.steps)
    options = [f"{name}={value!r}" for name, value in asked.options.items()]
    calls = [f"{name}()" for name, args in asked.calls.items() if not args]
    return ", ".join([*options, *calls])


def fitting(about: list[Observation], label: str, propose: Propose) -> Relation | None:
    """The first relation whose arrays are what the submission gave, right ones included."""
    wrong = [one.wrong[label] for one in about if label in one.wrong]
    if sum(finite(array) for array in wrong) < LEAST:
        return None
    found: list[Relation] | None = None
    for one in about:
        got, expected = one.wrong.get(label, one.expected[label]), one.expected[label]
        if not (finite(got) and finite(expected)):
            return None
        fits = [relation for relation, array in propose(one, label) if same(array, got)]
        found = [relation for relation in (fits if found is None else found) if relation in fits]
    return found[0] if found else None


def same(array: Array, got: Array) -> bool:
    return array.shape == got.shape and alike(array.astype(got.dtype), got)


def finite(array: Array) -> bool:
    return array.dtype.kind == "f" and bool(np.isfinite(array).all())


def proposed(seen: Observation, label: str) -> Proposed:
    """Every relation with its array, those first that say most."""
    expected = seen.expected[label]
    hint = f"The {label} is 1 everywhere: what it is to be computed from isn't used."
    yield Relation("one", hint), np.ones_like(expected)
    hint = f"The {label} is zero everywhere: it isn't computed, or nothing is added to it."
    yield Relation("zero", hint), np.zeros_like(expected)
    yield from replaced(seen, label)
    yield Relation("sign", f"The {label} has the wrong sign, all of it."), -expected
    yield from copied(seen, label)
    yield from scaled(seen, label, expected)
    yield from rearranged(label, expected)
    yield from misplaced(seen, label)
    for words, array in images(expected):
        yield Relation(words, f"The {label} is {words}."), array


def replaced(seen: Observation, label: str) -> Proposed:
    """A gradient that is not added up."""
    first = label.removesuffix(AGAIN)
    if first == label or first not in seen.expected:
        return
    hint = (
        f"After a second backward the {first} is that of the second one alone: you replace it. "
        "Gradients are added to what is there, until the optimizer sets them to zero."
    )
    yield Relation("replaces-the-gradient", hint), seen.expected[first]


def copied(seen: Observation, label: str) -> Proposed:
    """What a method was given, or what is expected elsewhere."""
    for method, arrays in given(seen).items():
        for number, array in enumerate(arrays, start=1):
            which = (
                f"array {number} that {method} is given"
                if number > 1
                else f"what {method} is given"
            )
            yield Relation(f"copy of {which}", f"The {label} is {which}, unchanged."), array
    for other, array in seen.expected.items():
        if other != label and not other.endswith(AGAIN):
            hint = f"What you give as {label} is the {other}: are the two in the wrong order?"
            yield Relation(f"is the {other}", hint), array


def combined(seen: Observation, label: str) -> Proposed:
    """With an array around it once too often, or without it: less is said so than by terms."""
    expected = seen.expected[label]
    around = {f"what {method} is given": arrays[0] for method, arrays in given(seen).items()}
    around |= {f"the {o}": a for o, a in seen.expected.items() if o != label and AGAIN not in o}
    with np.errstate(all="ignore"):
        for name, array in around.items():
            if array.shape != expected.shape:
                continue
            factor = f"In the {label}, a factor is missing: {name}."
            yield Relation(f"without the factor {name}", factor), expected / array
            twice = f"The {label} is multiplied by {name} once too often."
            yield Relation(f"times {name}", twice), expected * array
            term = f"In the {label}, a term is missing: {name}."
            yield Relation(f"without the term {name}", term), expected - array
            added = f"The {label} has {name} added to it, where nothing is to be added."
            yield Relation(f"plus {name}", added), expected + array
            size = f"The {label} is the absolute value of {name}."
            yield Relation(f"absolute value of {name}", size), np.abs(array)


def scaled(seen: Observation, label: str, expected: Array) -> Proposed:
    """By the length of an axis, the number of entries, or a small number."""
    for size, length in sizes(seen).items():
        much = f"The {label} is too large by a factor: {size}. Should it be a mean?"
        yield Relation(f"times {size}", much), expected * length
        if length:
            few = f"The {label} is divided by {size} once too often. Should it be a sum?"
            yield Relation(f"divided by {size}", few), expected / length
    for factor, words in ((2.0, "twice"), (0.5, "half")):
        hint = f"The {label} is {words} what it should be, everywhere."
        yield Relation(f"{words} as large", hint), factor * expected


def sizes(seen: Observation) -> dict[str, int]:
    """What a wrong factor may be, by its name."""
    found: dict[str, int] = {}
    for method, arrays in given(seen).items():
        shape, behind = arrays[0].shape, f"of what {method} is given"
        found |= {f"the length of axis {axis} {behind}": n for axis, n in enumerate(shape)}
        found[f"the number of rows, all axes but the last, {behind}"] = math.prod(shape[:-1])
        found[f"the number of entries of one example {behind}"] = math.prod(shape[1:])
        found[f"the number of positions, all axes but the first two, {behind}"] = math.prod(
            shape[2:]
        )
        found[f"the number of entries {behind}"] = math.prod(shape)
    return found


FACTORS = ((0.0, "is missing"), (-1.0, "has the wrong sign"), (2.0, "enters twice"),
           (0.5, "enters with half of it"))  # fmt: skip


def by_terms(seen: Observation, label: str, terms: dict[str, Array]) -> Proposed:
    """One term with another factor, or two with a small one each; the rest is right."""
    expected = seen.expected[label]
    lengths = sizes(seen).items()
    for name, term in terms.items():
        for factor, words in FACTORS:
            yield by_term(label, f"{name} {words}"), expected + (factor - 1) * term
        for size, length in lengths:
            yield by_term(label, f"{name} is multiplied by {size}"), expected + (length - 1) * term
            if length:
                words = f"{name} is divided by {size}"
                yield by_term(label, words), expected + (1 / length - 1) * term
    for (one, first), (other, second) in combinations(terms.items(), 2):
        for (a, words), (b, others) in product(FACTORS, FACTORS):
            array = expected + (a - 1) * first + (b - 1) * second
            yield by_term(label, f"{one} {words}, and {other} {others}"), array


def by_term(label: str, words: str) -> Relation:
    return Relation(f"term {words}", f"In the {label}, {words}. Its other terms are right.")


def rearranged(label: str, expected: Array) -> Proposed:
    hint = f"The {label} has the right values, but its last two axes are exchanged."
    yield (
        Relation("transposed", hint),
        (np.swapaxes(expected, -1, -2) if expected.ndim >= 2 else expected),
    )
    for axis in range(expected.ndim):
        hint = f"The {label} has the right values in reverse order along axis {axis}."
        yield Relation(f"reversed along {axis}", hint), np.flip(expected, axis)


def misplaced(seen: Observation, label: str) -> Proposed:
    """The right numbers, each in another place."""
    expected = seen.expected[label]
    got = seen.wrong.get(label, expected)
    one, other = np.sort(got, axis=None), np.sort(expected, axis=None)
    if one.shape == other.shape and np.allclose(one, other):
        hint = (
            f"The {label} has the right values, but in other places: are axes exchanged, or "
            "reshaped where they are to be exchanged?"
        )
        yield Relation("in other places", hint), got


def given(seen: Observation) -> dict[str, list[Array]]:
    """The arrays that each method was given, when it was called first."""
    found: dict[str, list[Array]] = {}
    for step in seen.steps:
        arrays = [array for array in step.arrays if array.dtype.kind == "f"]
        if arrays and is_given_an_array(step.request):
            found.setdefault(called(step.request), arrays)
    return found
