"""Texts and lists: what is true of what is wrong wherever it is."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.probes.examples import told
from autograder.probes.observing import Observation
from autograder.probes.probe import Observer, Probe
from autograder.probes.texts import retold

LABEL = "tokens"


def observed(got: Any, expected: Any) -> Observation:
    parity = Observer()
    parity.equal(LABEL, got, expected)
    seen = Observation(Probe("Vocabulary", f"{got!r} {expected!r}", lambda _: None))
    seen.wrong, seen.plain = dict(parity.evidence), parity.plain
    seen.comparisons = parity.comparisons
    return seen


def hint_of(*pairs: tuple[Any, Any]) -> str:
    found = retold([observed(got, expected) for got, expected in pairs], LABEL)
    return found.hint if found else ""


TOLD = [
    (([3, 2, 1], [1, 2, 3]), (["b", "a"], ["a", "b"]), "is in reverse order"),
    (([0, 0, 5], [5, 0, 0]), ([0, 7, 5], [7, 5, 0]), "what fills up at the end stands in front"),
    ((["a", "b", "c"], ["c", "a", "b"]), ([1, 2, 4], [2, 4, 1]), "is right, but sorted"),
    (([2, 1, 3], [1, 2, 3]), ([2, 1, 3], [3, 2, 1]), "the right parts, in another order"),
    ((["ab"], ["Ab"]), (["c", "d"], ["C", "D"]), "right but for capital letters"),
    ((["ab", "c"], ["a", "bc"]), (["don't"], ["don", "'", "t"]), "taken apart in other places"),
    (([2, 3], [1, 2, 3]), ([3], [2, 3]), "lacks the beginning"),
    (([1, 2], [1, 2, 3]), ([2], [2, 3]), "ends too early"),
    (([1, 2, 3], [1, 2]), ([1, 9], [1]), "goes on where it is to end"),
    (([1, 1, 2], [1, 2]), ([3, 2, 3], [3, 2]), "more than once"),
    (([1, 3], [1, 2, 3]), ([4], [5, 4, 6]), "lacks parts that belong there"),
    (([1, 2, 3], [1, 3]), ([5, 4, 6], [4]), "has parts that do not belong there"),
    (([1, 2, 4], [0, 1, 3]), ([8, 8], [7, 7]), "by the same number"),
    (([1, 0, 4], [1, 9, 4]), ([0, 2], [9, 2]), "one and the same part in the place of another"),
    (("a  b", "a b"), ("ab.", "a b."), "is right but for the spaces"),
    (("a c", "a b c"), ("a", "b a c"), "lacks parts that belong there"),
]


@pytest.mark.parametrize(("one", "other", "words"), TOLD, ids=[words for _, _, words in TOLD])
def test_what_is_true_of_both_is_told(
    one: tuple[Any, Any], other: tuple[Any, Any], words: str
) -> None:
    hint = hint_of(one, other)
    assert hint.startswith("What you give as tokens ")
    assert words in hint


def test_a_single_case_may_be_chance() -> None:
    assert not hint_of(([3, 2, 1], [1, 2, 3]))


def test_nothing_is_told_that_does_not_hold_of_all() -> None:
    assert not hint_of(([3, 2, 1], [1, 2, 3]), ([5, 5, 9], [1, 2, 3]))


@pytest.mark.parametrize("other", [None, 3, [[1], [2]], ["a", None], [1.5], list(range(501))])
def test_what_is_no_list_of_texts_or_numbers_is_left_alone(other: Any) -> None:
    assert not hint_of(([3, 2, 1], [1, 2, 3]), (other, [1, 2]))
    assert not hint_of(([3, 2, 1], [1, 2, 3]), ([2, 1], other))


def test_a_case_shows_both_and_says_got_once() -> None:
    case = told(observed(["a"], ["b"]), LABEL)
    assert (case.got, case.expected) == ("['a']", "['b']")
    other = told(observed(3, ["b"]), LABEL)
    assert (other.got, other.expected) == ("3, expected ['b']", "")
