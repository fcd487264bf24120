"""The mistakes of a catalogue: making one, and recognising it again."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from grader_course import LINEAR, graded, named, options

from autograder.mistakes.evidence import Evidence, flatten, tells, unflatten
from autograder.mistakes.explaining import alike, attribute, fits, suspects
from autograder.mistakes.fingerprints import Fingerprint
from autograder.mistakes.variants import apply, function_span
from autograder.results import CheckResult, Verdict
from course import catalogue
from course.catalogue import Mistake
from course.config import Course, Week, load_course
from course.errors import CourseError

# Two mistakes in different functions, and one that is the first as far as public checks go.
CATALOGUE = """
[[mistake]]
id = "linear-bias-subtracted"
where = "linear.py: Linear.forward"
replace = "y += self.bias.data"
with = "y -= self.bias.data"
hint = "The bias is added."
checks = ["test_linear_forward"]

[[mistake]]
id = "linear-weight-grad-overwritten"
where = "linear.py: Linear.backward"
replace = "self.weight.grad += "
with = "self.weight.grad = "
hint = "Gradients add up."
checks = ["test_linear_parameter_grads"]

[[mistake]]
id = "linear-input-grad-doubled"
where = "linear.py: Linear.backward"
replace = "return (grad @ self.weight.data)"
with = "return 2 * (grad @ self.weight.data)"
hint = "The gradient is twice too large."
checks = ["test_linear_backward"]
"""

REFUSED = """
[[mistake]]
id = "linear-backward-refused"
where = "linear.py: Linear.backward"
replace = "self.weight.grad += "
with = "raise TypeError(1)  # "
hint = "It takes any number of rows."
checks = ["test_linear_backward"]
"""


@pytest.fixture
def own(course: Course, tmp_path: Path) -> Course:
    """The course with a small catalogue."""
    shutil.copytree(course.root, tmp_path / "course")
    (tmp_path / "course" / "solutions" / "week_1" / "mistakes.toml").write_text(CATALOGUE)
    return load_course(tmp_path / "course")


# ---- making ------------------------------------------------------------------------------------

SOURCE = dedent("""
    class A:
        def f(self):
            return one + two

        def g(self):
            return one
    def f():
        return two
    """)


def test_mistake_is_made_in_its_function_alone() -> None:
    mistake = Mistake("a", "a.py: A.f", "one", "three", "", ())
    assert SOURCE.replace("one + two", "three + two") == apply(mistake, SOURCE)


@pytest.mark.parametrize(
    ("where", "replace", "problem"),
    [
        ("a.py: A.h", "one", r"no function A\.h in a\.py"),
        ("a.py: B", "one", r"no function B in a\.py"),
        ("a.py: ", "one", r"no function "),
        ("a.py: A.g", "two", r"occurs 0 times in a\.py: A\.g, not once"),
        ("a.py: A", "one", r"occurs 2 times in a\.py: A, not once"),
    ],
)
def test_mistake_that_cannot_be_made_is_an_error(where: str, replace: str, problem: str) -> None:
    with pytest.raises(CourseError, match=problem):
        apply(Mistake("a", where, replace, "x", "", ()), SOURCE)


def test_function_is_found_by_its_qualified_name() -> None:
    assert (2, 4) == function_span(SOURCE, "A.f")
    assert (7, 9) == function_span(SOURCE, "f")
    assert (1, 7) == function_span(SOURCE, "A")
    assert function_span(SOURCE, "A.f.g") is None


# ---- recognising -------------------------------------------------------------------------------


WEEK = Week(1, "", (), "", {"linear": ("Linear", "Bias")})


def mistake(id: str, **evidence: dict[str, Any]) -> Fingerprint:
    arrays: Evidence = {
        check: {label: np.asarray(value) for label, value in labels.items()}
        for check, labels in evidence.items()
    }
    return Fingerprint(id, f"hint of {id}", "linear", arrays)


def attributed(evidence: Any, *fingerprints: Fingerprint, passed: str = "") -> dict[str, str]:
    """What each failed check is explained by, beside the checks that passed."""
    verdicts = dict.fromkeys(evidence, Verdict.FAILED) | dict.fromkeys(passed, Verdict.PASSED)
    checks = [CheckResult(n, n, "linear", 1.0, False, v) for n, v in verdicts.items()]
    attribute(checks, mistake("", **evidence).evidence, list(fingerprints), WEEK)
    assert all(bool(check.mistake) == bool(check.hint) for check in checks)
    return {check.id: check.mistake for check in checks if check.id in evidence}


WRONG, OTHER = [1.0, 2.0, 3.0], [3.0, 2.0, 1.0]


def test_suspects_of_a_failed_check_are_all_that_fit_it_and_fail_nothing_that_passed() -> None:
    more = mistake("more", a={"y": WRONG, "z": OTHER})
    broad = mistake("broad", a={"y": WRONG}, b={"y": WRONG})
    known = [mistake("one", a={"y": WRONG}), more, mistake("other", a={"y": OTHER}), broad]
    checks = [CheckResult(id, "", "", 1, False, Verdict.FAILED) for id in "ac"]
    evidence = mistake("", a={"y": WRONG, "z": OTHER}).evidence
    found = suspects(checks, evidence, known)
    assert {id: one.fitting for id, one in found.items()} == {
        "a": {"one": 1, "more": 2, "broad": 1},
        "c": {},
    }
    checks.append(CheckResult("b", "", "", 1, False, Verdict.PASSED))
    assert suspects(checks, evidence, known)["a"].fitting == {"one": 1, "more": 2}


def test_a_failed_check_clears_the_mistakes_that_pass_it() -> None:
    known = [mistake("one", a={"y": WRONG}), mistake("other", b={"y": OTHER})]
    checks = [CheckResult(id, "", "", 1, False, Verdict.FAILED) for id in "ac"]
    found = suspects(checks, {}, known)
    assert {id: one.cleared for id, one in found.items()} == {"a": {"other"}, "c": {"one", "other"}}


def test_of_two_mistakes_in_other_arrays_of_one_check_both_are_told() -> None:
    one, two = mistake("one", a={"y": WRONG}), mistake("two", a={"z": OTHER}, b={"z": OTHER})
    near = mistake("near", a={"z": OTHER, "u": WRONG})
    checks = [CheckResult(n, n, "linear", 1.0, False, Verdict.FAILED) for n in "ab"]
    evidence = mistake("", a={"y": WRONG, "z": OTHER}, b={"z": OTHER}).evidence
    attribute(checks, evidence, [one, two, near], WEEK)
    assert {"a": "two", "b": "two"} == {check.id: check.mistake for check in checks}
    assert {"a": {"one": "hint of one"}, "b": {}} == {check.id: check.also for check in checks}


def test_of_two_mistakes_in_the_same_array_one_is_told() -> None:
    one, two = mistake("one", a={"y": WRONG, "z": WRONG}), mistake("two", a={"z": WRONG})
    check = CheckResult("a", "a", "linear", 1.0, False, Verdict.FAILED)
    attribute([check], mistake("", a={"y": WRONG, "z": WRONG}).evidence, [two, one], WEEK)
    assert ("one", {}) == (check.mistake, check.also)


def test_what_is_left_of_a_check_may_be_a_mistake_of_which_only_the_kind_tells() -> None:
    one, taken = mistake("one", a={"y": WRONG}), mistake("taken", a={"n < 0": ["accepted"]})
    check = CheckResult("a", "a", "linear", 1.0, False, Verdict.FAILED)
    attribute(
        [check], mistake("", a={"y": WRONG, "n < 0": ["accepted"]}).evidence, [one, taken], WEEK
    )
    assert ("one", {"taken": "hint of taken"}) == (check.mistake, check.also)


def test_check_is_explained_by_the_mistake_with_its_arrays() -> None:
    one, two = mistake("one", a={"y": WRONG}), mistake("two", a={"y": OTHER})
    assert {"a": "one"} == attributed({"a": {"y": WRONG}}, one, two)
    assert {"a": ""} == attributed({"a": {"y": [9.0, 9.0, 9.0]}}, one, two)


def test_of_two_that_fit_the_one_wins_that_explains_more() -> None:
    one = mistake("one", a={"y": WRONG})
    both = mistake("both", a={"y": WRONG}, b={"y": OTHER})
    evidence = {"a": {"y": WRONG}, "b": {"y": OTHER}}
    assert {"a": "both", "b": "both"} == attributed(evidence, one, both)


def test_of_two_that_explain_as_much_the_one_wins_that_breaks_no_passed_check() -> None:
    broad = mistake("broad", a={"y": WRONG}, c={"y": OTHER})
    narrow = mistake("narrow", a={"y": WRONG})
    assert {"a": "narrow"} == attributed({"a": {"y": WRONG}}, broad, narrow)


def test_of_two_that_still_tie_the_one_wins_that_says_more_of_the_check() -> None:
    less = mistake("less", a={"y": WRONG})
    more = mistake("more", a={"y": WRONG, "grad": OTHER})
    assert {"a": "more"} == attributed({"a": {"y": WRONG, "grad": OTHER}}, less, more)


def test_two_mistakes_in_one_submission_are_both_found() -> None:
    one, two = mistake("one", a={"y": WRONG}), mistake("two", b={"grad": OTHER})
    evidence = {"a": {"y": WRONG}, "b": {"grad": OTHER, "y": [7.0]}}
    assert {"a": "one", "b": "two"} == attributed(evidence, one, two)


def test_mistake_that_fails_a_check_which_passed_is_out() -> None:
    broad = mistake("broad", a={"y": WRONG}, b={"y": OTHER})
    narrow = mistake("narrow", a={"y": WRONG})
    crash = Fingerprint("crash", "hint", "linear", narrow.evidence, frozenset({"b"}))
    assert {"a": "broad"} == attributed({"a": {"y": WRONG}}, broad)
    assert {"a": ""} == attributed({"a": {"y": WRONG}}, broad, crash, passed="b")
    assert {"a": "narrow"} == attributed({"a": {"y": WRONG}}, broad, crash, narrow, passed="b")


def test_mistake_that_differs_in_most_checks_is_out() -> None:
    evidence = {"a": {"y": WRONG}, "b": {"y": OTHER}, "c": {"y": OTHER}}
    one = mistake("one", a={"y": WRONG}, b={"y": WRONG}, c={"y": WRONG})
    two = mistake("two", a={"y": WRONG}, b={"y": OTHER}, c={"y": WRONG})
    assert {"a": "", "b": "", "c": ""} == attributed(evidence, one)
    assert {"a": "two", "b": "two", "c": ""} == attributed(evidence, one, two)


def test_mistake_that_accounts_for_little_of_what_is_wrong_in_a_class_is_out() -> None:
    evidence = {f"x::test_linear_{n}": {"y": np.add(WRONG, n)} for n in range(5)}
    small = mistake("small", **{k: v for k, v in evidence.items() if k.endswith("0")})
    rest = mistake("rest", **{k: v for k, v in evidence.items() if k[-1] in "12"})
    assert {""} == set(attributed(evidence, small).values())
    assert ["small", "rest", "rest", "", ""] == [*attributed(evidence, small, rest).values()]
    other = {k.replace("linear", "bias") if k[-1] != "0" else k: v for k, v in evidence.items()}
    assert "small" == attributed(other, small)["x::test_linear_0"]


@pytest.mark.parametrize("vague", ["accepted", 0 * np.ones(3), True, np.nan, ["True"], 3.0])
def test_what_anything_may_have_caused_explains_only_all_that_is_wrong(vague: Any) -> None:
    one = mistake("one", a={"z": vague}, b={"z": vague})
    alone = {"a": {"z": vague}, "b": {"z": vague}}
    assert {"a": "one", "b": "one"} == attributed(alone, one)
    assert {"a": "", "b": ""} == attributed(alone, one, mistake("two", **alone))  # which of them?
    assert {"a": ""} == attributed({"a": {"z": vague, "y": OTHER}}, one)
    related = {"x::test_linear_a": {"z": vague}, "x::test_linear_b": {"y": OTHER}}
    small = mistake("small", **{"x::test_linear_a": {"z": vague}})
    assert {""} == set(attributed(related, small).values())
    second = mistake("second", **{"x::test_linear_b": {"y": OTHER}})
    assert ["small", "second"] == [*attributed(related, small, second).values()]


def test_vague_part_of_a_mistake_is_explained_by_the_rest_of_it() -> None:
    both = mistake("both", a={"y": WRONG}, b={"z": "accepted"})
    vague = mistake("vague", b={"z": "accepted"})
    evidence = {"a": {"y": WRONG}, "b": {"z": "accepted"}}
    assert {"a": "both", "b": "both"} == attributed(evidence, both, vague)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (WRONG, True),
        (0.25, True),
        (["got 1, 2, 7"], True),
        (["[4, 4]"], False),
        ("a message of many different words", False),
        (np.zeros((2, 3)), False),
        (np.ones(4), False),
        (np.full(3, np.nan), False),
        ([np.nan, 0.5], True),
        (np.inf, False),
        (7, False),
        ([True, False], False),
        ([], False),
    ],
)
def test_array_tells_more_than_a_category(value: Any, expected: bool) -> None:
    assert expected is tells(np.asarray(value))


def test_mistake_fits_only_with_all_that_it_gets_wrong() -> None:
    evidence = mistake("", a={"y": WRONG, "grad": OTHER}).evidence["a"]
    assert not fits(evidence, {"y": np.array(WRONG)})
    assert not fits({}, evidence)
    assert not fits(None, evidence)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (WRONG, [1.0, 2.0, 3.0 + 1e-7], True),
        (WRONG, [1.0, 2.0, 3.1], False),
        (np.float32(WRONG), np.float32([1.0, 2.0, 3.001]), True),
        (np.float32(WRONG), WRONG, False),
        (WRONG, [WRONG], False),
        ([1, 2], [1, 2], True),
        ([1, 2], [1, 3], False),
        ([np.nan, np.inf], [np.nan, np.inf], True),
        ([np.nan, np.inf], [np.nan, -np.inf], False),
        ([1e308, -1e308], [-1e308, 1e308], False),
        ("a list of 3", "a list of 3", True),
        ("a list of 3", "nothing (None)", False),
        ("a list of 3", WRONG, False),
        ([], [], True),
    ],
)
def test_arrays_are_alike_but_for_rounding(one: Any, other: Any, expected: bool) -> None:
    assert expected is alike(np.asarray(one), np.asarray(other))


def test_fingerprint_survives_the_cache() -> None:
    evidence = mistake("", **{"test_a.py::b": {"grad of x": WRONG, "y": "None"}}).evidence
    again = unflatten(flatten(evidence))
    assert evidence.keys() == again.keys()
    assert all(alike(a, again["test_a.py::b"][k]) for k, a in evidence["test_a.py::b"].items())


# ---- end to end --------------------------------------------------------------------------------


def test_report_names_both_mistakes_of_a_submission(own: Course, tmp_path: Path) -> None:
    first, second, _ = catalogue.load(own, own.week(1))
    both = apply(second, apply(first, LINEAR))
    record = graded(own, tmp_path / "ada", both, explain=True)
    forward = named(record, "test_linear_forward")
    assert ("linear-bias-subtracted", "The bias is added.") == (forward.mistake, forward.hint)
    # the checks that need forward weren't run: with forward right, the second is found
    record = graded(own, tmp_path / "bob", apply(second, LINEAR), explain=True)
    grads = named(record, "test_linear_parameter_grads")
    assert "Gradients add up." == grads.hint
    assert "" == named(record, "test_linear_forward").hint


def test_mistake_in_other_words_is_recognised(own: Course, tmp_path: Path) -> None:
    other = LINEAR.replace(
        "return (grad @ self.weight.data).reshape",
        "return (self.weight.data.T * 2 @ grad.T).T.reshape",
    )
    record = graded(own, tmp_path / "ada", other, explain=True)
    assert "linear-input-grad-doubled" == named(record, "test_linear_backward").mistake
    assert options().explain is False


def test_mistake_that_no_catalogue_holds_is_not_blamed_on_another(
    own: Course, tmp_path: Path
) -> None:
    other = LINEAR.replace("y += self.bias.data", "y += 3 * self.bias.data")
    record = graded(own, tmp_path / "ada", other, explain=True)
    assert {""} == {check.mistake for check in record.checks}


def test_exception_is_compared_by_its_type_and_the_call_not_by_its_message(
    own: Course, tmp_path: Path
) -> None:
    toml = own.solutions / "week_1" / "mistakes.toml"
    toml.write_text(REFUSED)
    found = {}
    for name, error in {"ada": "TypeError('other words')", "bob": "ValueError(1)"}.items():
        wrong = LINEAR.replace("self.weight.grad += ", f"raise {error} #")
        record = graded(own, tmp_path / name, wrong, explain=True)
        found[name] = named(record, "test_linear_backward").mistake
    assert {"ada": "linear-backward-refused", "bob": ""} == found
