"""Which explanation is given for what was wrong in probes, and when none is."""

from __future__ import annotations

import numpy as np
from probes_seen import prediction, seen

from autograder.mistakes.evidence import Evidence
from autograder.parity.compare import ACCEPTED
from autograder.probes.findings import account
from autograder.probes.matching import explained, witness
from autograder.probes.observing import EXCEPTION, Observation
from autograder.probes.predictions import Prediction, Rank

ONE, TWO = np.array([1.0, 2.0]), np.array([3.0, 4.0])


BOTH: Evidence = {"a": {"output": ONE}, "b": {"output": TWO}}


def ids(observed: list[Observation], predictions: list[Prediction]) -> dict[str, str]:
    return {label: one.id for label, one in explained(observed, predictions).items()}


def test_the_same_arrays_in_all_probes_explain() -> None:
    assert ids(seen(BOTH, "c"), [prediction("one", BOTH)]) == {"output": "one"}


def test_one_probe_is_not_enough() -> None:
    single: Evidence = {"a": {"output": ONE}}
    assert ids(seen(single, "b"), [prediction("one", single)]) == {}


def test_wrong_in_a_probe_that_is_right_is_a_contradiction() -> None:
    more = BOTH | {"c": {"output": ONE}}
    assert ids(seen(BOTH, "c"), [prediction("one", more)]) == {}


def test_a_label_that_is_right_here_is_a_contradiction() -> None:
    more: Evidence = {title: labels | {"gradient": ONE} for title, labels in BOTH.items()}
    assert ids(seen(BOTH), [prediction("one", more)]) == {}


def test_a_probe_of_another_class_is_no_contradiction() -> None:
    more = BOTH | {"of another class": {"output": ONE}}
    assert ids(seen(BOTH), [prediction("one", more)]) == {"output": "one"}


def test_what_is_excused_contradicts_nothing_and_needs_no_explanation() -> None:
    more: Evidence = {title: labels | {"gradient": ONE} for title, labels in BOTH.items()}
    also: Evidence = {title: labels | {"gradient": TWO} for title, labels in BOTH.items()}
    observations = seen(also, follows=["gradient"])
    assert ids(observations, [prediction("one", more)]) == {"output": "one"}


def test_two_mistakes_in_two_labels_are_both_found() -> None:
    gradient: Evidence = {"a": {"gradient": TWO}, "b": {"gradient": ONE}}
    both: Evidence = {title: BOTH[title] | gradient[title] for title in BOTH}
    predictions = [prediction("one", BOTH), prediction("other", gradient)]
    assert ids(seen(both), predictions) == {"output": "one", "gradient": "other"}


def test_two_explanations_that_fit_are_none() -> None:
    assert ids(seen(BOTH), [prediction("one", BOTH), prediction("other", BOTH)]) == {}


def test_the_catalogue_goes_before_a_deviation() -> None:
    found = ids(
        seen(BOTH), [prediction("deviation", BOTH, Rank.DEVIATION), prediction("one", BOTH)]
    )
    assert found == {"output": "one"}


def test_infinities_are_no_evidence() -> None:
    infinite: Evidence = {title: {"output": np.array([np.inf])} for title in BOTH}
    assert ids(seen(infinite), [prediction("one", infinite)]) == {}


def test_what_explains_more_goes_before_the_catalogue() -> None:
    more: Evidence = {title: labels | {"gradient": TWO} for title, labels in BOTH.items()}
    both = prediction("both", more, Rank.DEVIATION)
    assert ids(seen(more), [prediction("one", BOTH), both]) == {
        "output": "both",
        "gradient": "both",
    }


def test_a_second_mistake_in_another_label_does_not_hide_the_first() -> None:
    more: Evidence = {title: labels | {"gradient": ONE} for title, labels in BOTH.items()}
    other: Evidence = {title: labels | {"gradient": TWO} for title, labels in BOTH.items()}
    assert ids(seen(other), [prediction("one", more)]) == {"output": "one"}


def test_what_follows_does_not_explain_where_the_first_label_is_wrong_otherwise() -> None:
    more: Evidence = {title: labels | {"gradient": ONE} for title, labels in BOTH.items()}
    other: Evidence = {title: {"output": ONE + 5, "gradient": ONE} for title in BOTH}
    assert ids(seen(other), [prediction("one", more)]) == {}


def test_probes_speak_against_what_gives_other_arrays_or_breaks_what_is_right() -> None:
    more: Evidence = {title: labels | {"gradient": ONE} for title, labels in BOTH.items()}
    other: Evidence = {"a": {"output": TWO}, "b": {"output": ONE}}
    known = [
        *(prediction("it", BOTH), prediction("breaks more", more), prediction("other", other)),
        prediction("of nothing here", {"of another class": {"output": ONE}}),
    ]
    found = witness(seen(BOTH), known)
    assert found.refuted == {"breaks more", "other"}
    assert found.supported == {"it"}


def test_a_second_mistake_under_another_label_speaks_against_nothing() -> None:
    more: Evidence = {title: labels | {"gradient": ONE} for title, labels in BOTH.items()}
    found = witness(seen(more), [prediction("one", BOTH)])
    assert (found.refuted, found.supported) == (frozenset(), {"one"})


def test_what_is_wrong_otherwise_where_it_goes_wrong_first_is_not_supported() -> None:
    """A consequence in common with another mistake is no evidence, and none against it."""
    one: Evidence = {title: labels | {"gradient": ONE} for title, labels in BOTH.items()}
    other: Evidence = {title: {"output": TWO, "gradient": ONE} for title in BOTH}
    found = witness(seen(other), [prediction("one", one)])
    assert (found.refuted, found.supported) == (frozenset(), frozenset())


def test_an_exception_that_others_raise_too_hides_no_support() -> None:
    raises = {title: {EXCEPTION: np.asarray("IndexError in forward")} for title in ("c", "d")}
    more = raises | {"e": {EXCEPTION: np.asarray("IndexError in forward")}}
    assert witness(seen(BOTH | more), [prediction("one", BOTH | raises)]).supported == {"one"}


def test_the_same_exception_explains_nothing_where_other_labels_are_wrong_otherwise() -> None:
    raises = np.asarray("ValueError in backward")
    one: Evidence = {title: {EXCEPTION: raises, "gradient": ONE} for title in BOTH}
    other: Evidence = {title: {EXCEPTION: raises, "gradient": TWO} for title in BOTH}
    assert ids(seen(other), [prediction("one", one)]) == {}
    assert ids(seen(one), [prediction("one", one)]) == {EXCEPTION: "one", "gradient": "one"}


def taken(*titles: str) -> Evidence:
    return {title: {"padding": np.array(f"padding{ACCEPTED}an error")} for title in titles}


def test_most_of_what_is_to_be_refused_is_taken_though_some_fails_by_accident() -> None:
    known = [prediction("takes", taken("a", "b", "c"))]
    assert witness(seen(taken("a", "b"), "c"), known).supported == {"takes"}
    assert witness(seen(taken("a"), "b", "c"), known).supported == set()
    assert (
        witness(seen({"a": {"padding": ONE}, "b": {"padding": ONE}}, "c"), known).supported == set()
    )
    assert witness(seen(taken("a", "b", "c")), [prediction("some", taken("a"))]).refuted == {"some"}


def raised(kind: str, written: bool) -> dict[str, str]:
    """What is told of an exception that is all that a mistake shows."""
    same: Evidence = {title: {EXCEPTION: np.array(f"{kind} in forward")} for title in BOTH}
    observations = seen(same, "c")
    for one in observations:
        one.written = written
    return ids(observations, [prediction("one", same)])


def test_an_error_of_wrong_shapes_has_many_causes() -> None:
    assert raised("ValueError", written=False) == {}
    assert raised("ValueError", written=True) == {EXCEPTION: "one"}
    assert raised("KeyError", written=False) == {EXCEPTION: "one"}


def test_explanations_account_for_all_or_for_nothing() -> None:
    gradient: Evidence = {"a": {"gradient": TWO}, "b": {"gradient": ONE}}
    both: Evidence = {title: BOTH[title] | gradient[title] for title in BOTH}
    one, other = prediction("one", BOTH), prediction("other", gradient)
    assert account(seen(both, "c"), [one, other, one]) == (one, other)
    assert account(seen(both), [one]) == ()
    assert account(seen(both, follows=["gradient"]), [one]) == (one,)
    changed: Evidence = both | {"b": {"output": TWO, "gradient": TWO}}
    assert account(seen(changed), [one, other]) == ()
