"""What is wrong in a class because of another one, and what is wrong in it besides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.mistakes.changing import replacing
from autograder.mistakes.variants import variant
from autograder.options import Options
from autograder.probes.changed import Trials
from autograder.probes.consequences import cause_of
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


def cause(seen: list[Observation], told: set[str]) -> str | None:
    found = cause_of(Trials(COURSE, WEEK, HOW, "tokenizer"), seen, told)
    return found and found.id


def test_what_comes_of_the_vocabulary_is_no_mistake_of_the_tokenizer(tokenizer: Seen) -> None:
    seen = tokenizer({"vocabulary": variant(COURSE, WEEK, NEGATIVE)})
    assert any(one.wrong for one in seen)
    assert cause(seen, TOLD) == NEGATIVE.id
    assert cause(seen, TOLD - {NEGATIVE.id}) is None  # it was not told of the vocabulary
    assert cause(seen, set()) is None


def test_what_is_wrong_in_the_tokenizer_itself_comes_of_nothing_else(tokenizer: Seen) -> None:
    both = {one.module: variant(COURSE, WEEK, one) for one in (NEGATIVE, OWN)}
    assert cause(tokenizer(both), TOLD) is None


def test_what_is_right_has_no_cause(tokenizer: Seen) -> None:
    assert cause(tokenizer({}), TOLD) is None
