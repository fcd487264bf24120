"""What is wrong in a class because of another one, and what is wrong in it besides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from probes_seen import prediction

from autograder.mistakes.changing import replacing
from autograder.mistakes.variants import variant
from autograder.options import Options
from autograder.probes.changed import Trials
from autograder.probes.consequences import Cause, cause_of
from autograder.probes.findings import Findings
from autograder.probes.matching import Witness
from autograder.probes.observing import Observation, Observing
from autograder.probes.probe import probes_of
from course import catalogue
from course.config import load_course

COURSE = load_course(Path(__file__).parents[2])
WEEK = COURSE.week(4)
HOW = Options(sandboxed=False)
MISTAKES = {one.id: one for one in catalogue.load(COURSE, WEEK)}
NEGATIVE, OWN = MISTAKES["vocabulary-negative-ids"], MISTAKES["word-tokenizer-keeps-capitals"]
TOLD = {NEGATIVE.id, "vocabulary-ties-reversed", "a-slip-that-nobody-declared"}

Seen = Callable[[dict[str, str]], list[Observation]]


@pytest.fixture(scope="module")
def tokenizer() -> Iterator[Seen]:
    """What the tokenizer's probes see, with some modules of the week changed."""
    with replacing(COURSE, WEEK, HOW) as (session, put):

        def seen(changed: dict[str, str]) -> list[Observation]:
            put(changed)
            return Observing(COURSE, WEEK, session).observe(probes_of(COURSE, WEEK, "tokenizer"))

        yield seen


def cause(seen: list[Observation], told: set[str]) -> Cause | None:
    return cause_of(Trials(COURSE, WEEK, HOW, "tokenizer"), seen, told)


def labels(seen: list[Observation]) -> set[str]:
    return {label for one in seen for label in one.wrong}


def test_what_comes_of_the_vocabulary_is_no_mistake_of_the_tokenizer(tokenizer: Seen) -> None:
    seen = tokenizer({"vocabulary": variant(COURSE, WEEK, NEGATIVE)})
    assert cause(seen, TOLD) == Cause(NEGATIVE, frozenset(labels(seen)))
    assert cause(seen, TOLD - {NEGATIVE.id}) is None  # it was not told of the vocabulary
    assert cause(seen, set()) is None


def test_what_is_wrong_in_the_tokenizer_itself_comes_of_nothing_else(tokenizer: Seen) -> None:
    both = {one.module: variant(COURSE, WEEK, one) for one in (NEGATIVE, OWN)}
    seen = tokenizer(both)
    assert cause(seen, TOLD) == Cause(NEGATIVE, frozenset({"a negative id"}))
    assert labels(seen) > {"a negative id"}
    assert cause(tokenizer({OWN.module: both[OWN.module]}), TOLD) is None


def test_what_comes_of_another_class_is_told_as_that_and_its_own_mistakes_beside(
    tokenizer: Seen,
) -> None:
    seen = tokenizer({one.module: variant(COURSE, WEEK, one) for one in (NEGATIVE, OWN)})
    copied = prediction("a copy", {one.probe.title: one.wrong for one in seen if one.wrong})
    copied = replace(
        copied,
        evidence={
            title: {k: v for k, v in wrong.items() if k == "a negative id"}
            for title, wrong in copied.evidence.items()
        },
    )
    found = Findings({"tokens": copied}, {}, Witness(frozenset({"a copy"}), frozenset()))
    told = found.due_to(Cause(NEGATIVE, frozenset({"a negative id"})), seen, [copied])
    assert told.explained["a negative id"].id == NEGATIVE.id
    assert told.explained["tokens"] is copied
    assert told.witness == Witness(frozenset(), frozenset({"a copy"}))


def test_what_is_right_has_no_cause(tokenizer: Seen) -> None:
    assert cause(tokenizer({}), TOLD) is None
