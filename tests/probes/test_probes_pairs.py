"""Two explanations of one array, and what a check is told that probes and it agree on."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from probes_seen import prediction, seen

from autograder.mistakes.evidence import Evidence
from autograder.mistakes.explaining import Suspects
from autograder.probes.findings import Findings
from autograder.probes.matching import Witness
from autograder.probes.pairs import paired
from autograder.probes.predictions import Prediction
from autograder.probes.relations import Relation
from autograder.probes.telling import tell
from autograder.results import CheckResult, Comparison, Example, Verdict

LABEL = "gradient of the input"


def arrays(**values: float) -> Evidence:
    return {title: {LABEL: np.array([value, 1.0])} for title, value in values.items()}


PADDING, TIES = prediction("padding", arrays(a=2, b=3, c=4)), prediction("ties", arrays(d=5, e=6))
ALL = arrays(a=2, b=3, c=4, d=5, e=6)


def ids(pair: tuple[Prediction, Prediction] | None) -> set[str]:
    return {one.id for one in pair or ()}


def test_each_of_two_explains_where_the_other_changes_nothing() -> None:
    assert ids(paired(seen(ALL), LABEL, [PADDING, TIES])) == {"padding", "ties"}


def test_what_both_change_may_be_anything() -> None:
    both = [
        prediction("padding", arrays(a=2, b=3, c=4, f=9)),
        prediction("ties", arrays(d=5, e=6, f=8)),
    ]
    assert ids(paired(seen(ALL | arrays(f=7)), LABEL, both)) == {"padding", "ties"}
    assert not paired(seen(ALL, "f"), LABEL, both)  # f is right, which neither says


def test_a_pair_that_leaves_something_open_or_is_one_of_two_is_none() -> None:
    assert not paired(seen(ALL | arrays(f=7)), LABEL, [PADDING, TIES])
    assert not paired(seen(ALL), LABEL, [PADDING, TIES, prediction("rows", arrays(d=5, e=6))])
    once = prediction("once", arrays(d=5))
    assert not paired(seen(arrays(a=2, b=3, c=4, d=5)), LABEL, [PADDING, once])


def test_a_pair_of_which_one_breaks_what_is_right_is_none() -> None:
    breaks = {title: labels | {"output": np.ones(2)} for title, labels in TIES.evidence.items()}
    assert not paired(seen(ALL), LABEL, [PADDING, prediction("ties", breaks)])


def told(
    suspects: dict[str, int],
    witness: Witness,
    named: str = "something else",
    cleared: Collection[str] = (),
    **explained: Prediction,
) -> CheckResult:
    check = CheckResult("a", "A: b", "linear", 1, False, Verdict.FAILED)
    check.mistake, check.hint = "of the check", "a hint"
    if not suspects.keys() & {"of the check"}:
        check.mistake = check.hint = ""
    check.comparisons = [Comparison(named, False, "values")] if named else []
    examples = {label: Example("a", LABEL, "", "", "") for label in explained or ("output",)}
    suspected = Suspects(suspects, frozenset(cleared))
    tell(check, suspected, Findings(dict(explained), examples, witness), [PADDING, TIES])
    return check


def test_a_check_is_told_the_suspect_that_probes_support_and_that_explains_most_of_it() -> None:
    both = Witness(frozenset({"padding", "ties"}), frozenset())
    assert told({"padding": 1, "ties": 2}, both).mistake == "ties"
    assert told({"padding": 2, "ties": 2}, both).mistake == ""  # which of them?
    assert told(
        {"padding": 1, "ties": 2}, Witness(frozenset({"padding"}), frozenset())
    ).mistake == ("padding")
    assert told({"other": 3}, both).mistake == ""


def test_a_hint_that_probes_refute_is_taken_back() -> None:
    refuted = Witness(frozenset(), frozenset({"of the check"}))
    assert told({"of the check": 1}, refuted).hint == ""
    assert told({"of the check": 1}, Witness(frozenset(), frozenset())).hint == "a hint"


def test_a_label_of_the_check_comes_before_a_suspect_and_a_suspect_before_all_of_the_class() -> (
    None
):
    supported = Witness(frozenset({"ties"}), frozenset())
    assert told({"ties": 1}, supported, "output", output=PADDING).mistake == "padding"
    assert told({"ties": 1}, supported, output=PADDING).mistake == "ties"
    assert told({}, supported, output=PADDING).mistake == "padding"


def test_a_wrong_array_is_no_example_of_an_exception_unless_one_mistake_explains_both() -> None:
    nothing = Witness(frozenset(), frozenset())
    assert told({}, nothing, None).example is None
    assert told({}, nothing, None, output=PADDING).example is not None
    assert told({}, nothing).example is not None


def test_a_mistake_that_passes_a_check_is_not_told_for_it() -> None:
    nothing = Witness(frozenset(), frozenset())
    assert told({}, nothing, "output", output=PADDING).mistake == "padding"
    assert told({}, nothing, "output", ["padding"], output=PADDING).mistake == ""
    assert told({}, nothing, "else", ["padding"], output=PADDING).mistake == ""


def test_a_case_that_the_mistake_of_the_hint_gets_right_is_not_shown_beside_it() -> None:
    supported = Witness(frozenset({"ties"}), frozenset())  # which differ in d, e and f
    assert told({"ties": 1}, supported, output=PADDING).example is None
    assert told({"padding": 1}, Witness(frozenset({"padding"}), frozenset())).example is not None


def test_where_labels_differ_all_that_accounts_for_the_class_is_told() -> None:
    check = CheckResult("a", "A: b", "linear", 1, False, Verdict.FAILED)
    check.comparisons = [Comparison("a range", False, "values")]
    found: dict[str, Prediction | Relation] = {"output": PADDING, "grad": TIES}
    nothing = Witness(frozenset(), frozenset())
    tell(check, Suspects(), Findings(found, {}, nothing), [PADDING, TIES])
    assert check.hint == ""
    tell(check, Suspects(), Findings(found, {}, nothing, account=(PADDING, TIES)), [PADDING, TIES])
    assert (check.mistake, check.also) == ("padding", {"ties": TIES.hint})


def test_a_second_mistake_that_probes_refute_is_taken_back_too() -> None:
    check = CheckResult("a", "A: b", "linear", 1, False, Verdict.FAILED)
    check.mistake, check.hint = "of the check", "a hint"
    check.also = {"refuted": "another", "ties": TIES.hint}
    refuted = Witness(frozenset(), frozenset({"refuted"}))
    tell(check, Suspects(), Findings({}, {}, refuted), [TIES])
    assert check.also == {"ties": TIES.hint}
