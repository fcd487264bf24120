"""What is wrong whatever the values are: something is taken, or changed, or has the wrong dtype.

It needs no declaration, and no second case: the property is what was compared.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np

from autograder.mistakes.explaining import alike
from autograder.parity.compare import ACCEPTED, NO_EXCEPTION
from autograder.probes.observing import EXCEPTION, Observation
from autograder.probes.predictions import slug
from autograder.probes.relations import Relation
from autograder.results import CheckResult, Comparison
from autograder.sandbox.protocol import one_line

LONGEST = 300  # characters of a message that is a hint

CHANGED = (
    "What was handed over is not what it was: {label}. Whoever passed it still needs it: write "
    "into a new array, not into this one (`+=`, `out=`, an assignment to a part of it)."
)
ACCEPTS = (
    "What is an error is not noticed: {what}. Look at it before you compute with it, and raise "
    "{how}: NumPy often goes on, and gives something wrong."
)
WIDER = ": something in it makes an array without the dtype of what it is given."
REFUSED = "A {kind} is raised where there is nothing wrong: {title}. The condition is too strict."


def property_of(seen: Collection[Observation], label: str) -> Relation | None:
    """The property that does not hold wherever this label is wrong; none if there are several."""
    wrong = [one for one in seen if label in one.wrong]
    if label == EXCEPTION and len(wrong) == len(seen):
        return None  # what is always raised is no condition
    found = [described(one, label) for one in wrong]
    first = next(iter(found), None)
    return first if first and all(one and one.id == first.id for one in found) else None


def described(one: Observation, label: str) -> Relation | None:
    """The property that a probe shows not to hold."""
    place, comparison = next(
        (number, found)
        for number, found in enumerate(one.comparisons)
        if found.label == label and not found.passed
    )
    if label in one.reasons:
        return Relation(slug(one.reasons[label]), one.reasons[label])
    if comparison.problem == "accepted":
        return accepted(comparison)
    if comparison.message and str(one.wrong[label]) == comparison.message:
        return Relation(slug(without_numbers(comparison.message)), sentence(comparison.message))
    if label == EXCEPTION:
        return refused(one)
    if was_fetched(one, place) and is_ours(one, label):
        return Relation("changes what it is given", CHANGED.format(label=label))
    return of_its_form(one, comparison)


def property_of_check(check: CheckResult) -> Relation | None:
    """What a check itself shows not to hold, whatever the values are.

    Of a hidden one no more is told than what may be known of it: the beginning of a label.
    """
    failed = [one for one in check.comparisons if not one.passed]
    problems = {one.problem for one in failed}
    if len(problems) != 1 or (check.hidden and check.glimpse is None):
        return None
    first = failed[0]
    if check.hidden and check.glimpse:
        label = check.glimpse.label  # of a long one the beginning, and " …"
        first = Comparison(label, False, first.problem, f"{label}{ACCEPTED}an error")
    if problems == {"accepted"}:
        return accepted(first)
    return of_its_dtype(first) if problems == {"dtype"} else None


def of_its_dtype(comparison: Comparison) -> Relation:
    label, got, wanted = comparison.label, comparison.got_dtype, comparison.expected_dtype
    hint = (
        f"The {label} is {got}, and is to be {wanted}" if got else f"The dtype of {label} is wrong"
    )
    return Relation(f"dtype of {label}", hint + (WIDER if got in ("", "float64") else "."))


def accepted(comparison: Comparison) -> Relation:
    what, _, how = comparison.message.partition(ACCEPTED)
    return Relation("an error that is not noticed", ACCEPTS.format(what=what, how=how))


def refused(one: Observation) -> Relation | None:
    """What is to be taken is refused, by an error that somebody has written there."""
    if not one.written or one.wanted != NO_EXCEPTION:
        return None
    kind = str(one.wrong[EXCEPTION]).partition(" in ")[0]
    return Relation("refuses what is allowed", REFUSED.format(kind=kind, title=one.probe.title))


def was_fetched(one: Observation, place: int) -> bool:
    """Whether what was compared is an array of ours that was kept in the worker."""
    before = [step for step in one.steps if step.compared <= place]
    last = before[-1].request if before else None
    return (
        last is not None
        and last.op == "get"
        and isinstance(last.target, int)
        and not last.attributes
    )


def is_ours(one: Observation, label: str) -> bool:
    """Whether what is expected is an array that a call was given, as it was."""
    expected = one.expected.get(label)
    given = [array for step in one.steps for array in step.arrays]
    return expected is not None and any(np.array_equal(expected, array) for array in given)


def of_its_form(one: Observation, comparison: Comparison) -> Relation | None:
    """The values are right, in another dtype or another shape."""
    label, got, expected = (
        comparison.label,
        one.wrong[comparison.label],
        one.expected.get(comparison.label),
    )
    if expected is None or got.dtype.kind not in "fiub" or got.size != expected.size:
        return None
    same_dtype, same_shape = got.dtype == expected.dtype, got.shape == expected.shape
    with np.errstate(over="ignore"):
        flat, wanted = (a.ravel().astype(np.float32) for a in (got, expected))
    if same_dtype == same_shape or not alike(flat, wanted):
        return None
    if same_shape:
        hint = f"The {label} has the right values, but it is {got.dtype}, not {expected.dtype}"
        return Relation(
            f"{label} is {got.dtype}", hint + (WIDER if got.dtype == np.float64 else ".")
        )
    hint = f"The {label} has the right values, but the shape {got.shape}, not {expected.shape}."
    return Relation(f"shape of {label}", hint)


def without_numbers(message: str) -> str:
    """What is the same in two cases of one fault: "too few", whatever the share is."""
    return re.sub(r"[\d.]+", "", message)


def sentence(message: str) -> str:
    """A message as a hint: it begins with a capital, and ends with a full stop.

    What a submission returned may be part of it.
    """
    text = one_line(message, LONGEST)
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."
