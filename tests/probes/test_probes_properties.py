"""Properties: what says itself what is wrong, whatever the values are."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.probes.observing import EXCEPTION, Observation
from autograder.probes.probe import Observer, Probe
from autograder.probes.properties import property_of, property_of_check
from autograder.replay.steps import Step
from autograder.results import CheckResult, Comparison, Glimpse, Verdict
from autograder.sandbox.protocol import Request

X = np.array([[1.0, 2.0], [3.0, 5.0]])


def observed(parity: Observer, request: Request | None = None) -> Observation:
    """What a probe saw, of which this request was the last before the first comparison."""
    seen = Observation(Probe("Layer", "Layer(), x of shape (2, 2)", lambda _: None))
    if request is not None:
        seen.steps = [Step(request, [X], None, 0)]
    seen.comparisons, seen.reasons = parity.comparisons, parity.reasons
    seen.expected = dict(parity.seen)
    seen.wrong = {label: np.asarray(value) for label, value in parity.evidence.items()}
    return seen


def hint_of(parity: Observer, label: str, request: Request | None = None) -> str:
    found = property_of([observed(parity, request)], label)
    return found.hint if found else ""


def compared(got: Any, expected: Any = X) -> Observer:
    parity = Observer()
    parity("output", got, expected)
    return parity


def test_an_error_that_is_not_noticed() -> None:
    parity = Observer()
    parity.refuses("a target of another shape", lambda: None, "a ValueError")
    hint = hint_of(parity, "a target of another shape")
    assert "not noticed: a target of another shape." in hint
    assert "raise a ValueError" in hint


def test_what_was_handed_over_is_changed() -> None:
    fetched = Request(0, "get", target=3)
    assert "not what it was: output" in hint_of(compared(X + 1), "output", fetched)
    assert not hint_of(compared(X + 1), "output", Request(0, "get", target=3, attributes=["y"]))
    assert not hint_of(compared(X + 1), "output", Request(0, "call", target=3))


def test_what_is_fetched_but_was_never_given_is_not_changed() -> None:
    fetched = Request(0, "get", target=3)
    assert not hint_of(compared(X, 2 * X), "output", fetched)
    parity = Observer()
    parity.equal("dtype of the output", "float64", "float32")
    assert not hint_of(parity, "dtype of the output", fetched)


def test_the_right_values_in_another_dtype() -> None:
    hint = hint_of(compared(X, X.astype(np.float32)), "output")
    assert "right values, but it is float64, not float32" in hint
    assert not hint_of(compared(X + 1, X.astype(np.float32)), "output")


def test_the_right_values_in_another_shape() -> None:
    assert "right values, but the shape (4,), not (2, 2)." in hint_of(compared(X.ravel()), "output")
    assert not hint_of(compared(X.T.ravel()), "output")


def test_a_message_says_what_is_wrong() -> None:
    parity = Observer()
    parity.holds("without rng", False, "every table is the same")
    assert hint_of(parity, "without rng") == "Every table is the same."


def test_a_message_with_text_of_a_submission_is_harmless_and_short() -> None:
    parity = Observer()
    parity.holds("pad", False, "pad is \x1b]0;title\x07\n<b>" + 5000 * "x")
    hint = hint_of(parity, "pad")
    assert hint.isprintable()
    assert len(hint) < 310


def test_an_author_says_what_it_means() -> None:
    parity = compared(X + 1)
    parity.means("output", "Something is left of the first call.")
    assert hint_of(parity, "output") == "Something is left of the first call."


def test_what_is_allowed_is_refused() -> None:
    parity = Observer()
    parity.holds(EXCEPTION, False, "raises ValueError")
    seen = observed(parity)
    seen.wrong, seen.written = {EXCEPTION: np.asarray("ValueError in forward")}, True
    seen.wanted = "no exception"
    right = observed(compared(X))
    found = property_of([seen, right], EXCEPTION)
    assert found is not None
    assert found.hint.startswith("A ValueError is raised where there is nothing wrong: Layer(), x")
    assert property_of([seen, seen], EXCEPTION) is None  # always: that is no condition
    seen.written = False  # NumPy raised it: nobody has written a condition that is too strict
    assert property_of([seen, right], EXCEPTION) is None
    seen.written, seen.wanted = True, "an IndexError"  # the wrong one is no too strict condition
    assert property_of([seen, right], EXCEPTION) is None


def test_nothing_is_said_of_two_properties_under_one_label() -> None:
    other = observed(compared(X.ravel()))
    assert property_of([observed(compared(X, X.astype(np.float32))), other], "output") is None


def checked(hidden: bool, *comparisons: Comparison) -> str:
    check = CheckResult("a", "A: b", "layer", 1, hidden, Verdict.FAILED)
    check.comparisons = [*comparisons]
    check.glimpse = Glimpse("what is refused", comparisons[0].problem) if hidden else None
    found = property_of_check(check)
    return found.hint if found else ""


TAKEN = Comparison(
    "a target (5, 1)", False, "accepted", "a target (5, 1): accepted; raise an IOError"
)
WIDE = Comparison("output (7,)", False, "dtype", got_dtype="float64", expected_dtype="float32")


def test_a_check_that_shows_what_does_not_hold_needs_no_probe() -> None:
    assert "not noticed: a target (5, 1). " in checked(False, TAKEN)
    assert "raise an IOError" in checked(False, TAKEN)
    assert "The output (7,) is float64, and is to be float32: " in checked(False, WIDE)


def test_of_a_hidden_check_nothing_is_told_but_where_its_label_begins() -> None:
    for one in (TAKEN, WIDE):
        hint = checked(True, one)
        assert "what is refused" in hint
        assert "5" not in hint
        assert "7" not in hint
        assert "IOError" not in hint


def test_a_check_with_wrong_values_says_nothing_by_itself() -> None:
    assert not checked(False, WIDE, Comparison("output", False, "values"))
    assert not checked(False, Comparison("output", False, "values"))
