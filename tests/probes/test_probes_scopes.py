"""What is said of where an array is wrong: one true description, or nothing."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.mistakes.explaining import Suspects
from autograder.probes.findings import Findings, find
from autograder.probes.observing import Observation
from autograder.probes.probe import Probe
from autograder.probes.relations import Relation
from autograder.probes.scopes import entries, scope
from autograder.probes.telling import label_of, tell
from autograder.replay.steps import Step
from autograder.results import CheckResult, Comparison, Example, Verdict
from autograder.sandbox.protocol import Array, ArrayRef, Int, Request


def case(shape: tuple[int, ...], wrong: bool, *made: int, **options: int) -> Observation:
    """A layer with these options, called with an array of this shape."""
    seen = Observation(Probe("Layer", f"{made} {options} {shape}", lambda _: None))
    args = [Int(value) for value in made]
    kwargs = {name: Int(value) for name, value in options.items()}
    make = Request(0, "make", "week_1.linear", ["Layer"], args=args, kwargs=kwargs)
    call = Request(0, "call", target=1, attributes=["forward"], args=[ArrayRef(0)])
    seen.steps = [Step(make, [], None, 0), Step(call, [np.ones(shape)], None, 0)]
    seen.expected = {"output": np.ones(1)}
    seen.wrong = {"output": np.full(1, 7.0 * len(shape) + sum(shape))} if wrong else {}
    seen.comparisons = [Comparison("output", not wrong, "values" if wrong else "")]
    return seen


def test_right_with_one_row() -> None:
    seen = [case((n, d), n > 1) for n in (1, 2, 3) for d in (2, 3)]
    words = "right in those in which axis 0 of what forward is given has length 1"
    assert scope(seen, "output") == f"Of the cases tried, the output is {words}, and in no other."


def test_wrong_with_an_option() -> None:
    seen = [
        case((2, d), bool(options), **options) for d in (2, 3) for options in ({}, {"stride": 2})
    ]
    words = "wrong in those with stride=2, and in no other"
    assert scope(seen, "output") == f"Of the cases tried, the output is {words}."


def test_an_option_that_goes_along_with_an_argument_is_not_blamed() -> None:
    heads = [case((2, d), True, 4, 2) for d in (2, 3, 5)]
    single = [case((2, d), False, 3, 1, eps=1) for d in (2, 3, 5)]
    assert scope(heads + single, "output") == ""
    same = [case((2, d), False, 4, 2, eps=1) for d in (2, 3, 5)]
    assert "with eps=1" in scope(heads + same, "output")


def test_two_descriptions_that_fit_are_none() -> None:
    seen = [case((n, n), n > 1, number=n) for n in (1, 2)] + [
        case((1, 1), False),
        case((2, 3), True),
    ]
    assert scope(seen, "output") == ""


def test_one_exception_and_nothing_is_said() -> None:
    seen = [case((n, d), n > 1) for n in (1, 2, 3) for d in (2, 3)] + [case((1, 4), True)]
    assert scope(seen, "output") == ""


def test_one_case_is_no_evidence() -> None:
    assert scope([case((1, 2), False), case((2, 2), True), case((3, 2), True)], "output") == ""


def test_where_nothing_else_is_known_the_scope_is_the_hint() -> None:
    seen = [case((n, d), n > 1) for n in (1, 2, 3) for d in (2, 3, 5)]
    found = find(seen, seen, {}, [], {}).explained["output"]
    assert found.hint.startswith("Of the cases tried, the output is right in those")


def test_what_is_the_hint_is_not_said_beside_the_case_again() -> None:
    words = "Of the cases tried, the output is wrong after eval()."
    example = Example("Layer(2)", "output", "1", "2", "", scope=words)
    check = CheckResult("a", "A: b", "layer", 1, False, Verdict.FAILED)
    check.comparisons = [Comparison("output", False, "values", "1 of 2 values is wrong")]
    findings = Findings({"output": Relation("a scope", words)}, {"output": example})
    tell(check, Suspects(), findings, [])
    assert (check.hint, check.example and check.example.scope) == (words, "")


@pytest.mark.parametrize(
    ("label", "known", "found"),
    [
        ("hidden, of the chosen", {"hidden, of the chosen", "hidden"}, "hidden, of the chosen"),
        ("hidden, of the chosen", {"hidden"}, "hidden"),
        ("tokens of a b", {"tokens", "ids"}, "tokens"),
        ("gradient_of_x", {"gradient of x"}, "gradient of x"),
        ("gradient of the input 2", {"gradient of the input"}, "gradient of the input 2"),
        ("outputs", {"output"}, "outputs"),
        ("weight", {"gradient of weight"}, "weight"),
    ],
)
def test_a_label_of_a_check_begins_with_that_of_probes(
    label: str, known: set[str], found: str
) -> None:
    assert label_of(Comparison(label, False, "values"), known) == found


def test_two_cases_of_each_are_too_few_to_be_all_that_is_told() -> None:
    seen = [case((n, d), n > 1) for n in (1, 2) for d in (2, 3)]
    assert scope(seen, "output")
    assert "output" not in find(seen, seen, {}, [], {}).explained


def elementwise(x: Array, wrong: Array) -> Observation:
    """A function of x that is wrong in these entries."""
    seen = Observation(Probe("Layer", f"x = {x}", lambda _: None))
    call = Request(0, "call", target=1, attributes=["forward"], args=[ArrayRef(0)])
    seen.steps = [Step(call, [x], None, 0)]
    seen.expected = {"output": np.cos(x)}
    seen.wrong = {"output": np.cos(x) + wrong} if wrong.any() else {}
    return seen


X = [np.array(x, float) for x in ([-1, 2, 0], [3, -2, -4], [1, 1, 2], [0, -3, 5])]


def test_entries_that_are_wrong_are_told_by_what_they_are_computed_from() -> None:
    hint = entries([elementwise(x, x < 0) for x in X], "output")
    which = "for which what forward is given is negative"
    assert hint == f"In the output, those entries are wrong, and no others, {which}."
    hint = entries([elementwise(x, np.arange(3) == 2) for x in X], "output")
    assert "the last along axis 0" in hint


def test_entries_without_one_description_are_not_told() -> None:
    others = [elementwise(x, x < 0) for x in X]
    assert not entries([*others, elementwise(np.array([1.0, -1, 2]), np.ones(3))], "output")
    assert not entries([elementwise(x, np.ones(3)) for x in X], "output")  # everywhere is nowhere
    assert not entries([elementwise(x, x < 0) for x in X[:1]], "output")
