"""Two mistakes of the catalogue of which one changes what the other does.

What each gives by itself tells of neither. They are put into the solution together and run on the
probes: what comes is what the submission gives, in every case, or nothing is said. That takes the
solution, so a student's checkout does without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations, product

from autograder.mistakes import variants
from autograder.mistakes.changing import replacing
from autograder.mistakes.effects import LIMITS
from autograder.mistakes.evidence import Evidence, pack, unpack
from autograder.mistakes.keys import Keys
from autograder.options import Options
from autograder.oracle.cache import cache_of
from autograder.probes.matching import by_label, same
from autograder.probes.observing import Observation, Observing, evidence
from autograder.probes.predictions import Prediction, explanations
from autograder.probes.probe import probes_about
from course.catalogue import Mistake
from course.config import Course, Week
from course.errors import CourseError

MOST = 60  # pairs that are tried for a class: each takes some 40 ms, once
SEEN = "seen"


@dataclass(frozen=True)
class Pair:
    """Two mistakes, and the solution with both of them."""

    one: Mistake
    other: Mistake
    text: str

    def key(self, keys: Keys) -> str:
        both = f"{keys.of_probes(self.one)} {keys.of_probes(self.other)}"
        return hashlib.sha256(both.encode()).hexdigest()


def beside(
    course: Course,
    week: Week,
    options: Options,
    seen: list[Observation],
    known: Collection[str],
    others: list[Prediction],
) -> list[Prediction]:
    """The mistakes that have to be told beside those that are known: the one that with a known one
    gives all that these probes show, or if none is known the only two that do.

    Args:
        known: ids of mistakes that are told of this class.
        others: explanations that may be the second one.
    """
    if not course.has_solutions:
        return []
    wrong = by_label({one.probe.title: one.wrong for one in seen})
    titles = {one.probe.title for one in seen}
    possible = {
        one.id: one
        for one in others
        if one.id not in known and one.labels <= wrong.keys() and titles & one.evidence.keys()
    }
    listed = {one.id: one for one in explanations(course, week)}
    firsts = [listed[id] for id in known if id in listed]
    seconds = [listed[id] for id in possible]
    couples = [*(product(firsts, seconds) if firsts else combinations(seconds, 2))]
    apart = sorted(couples, key=lambda pair: pair[0].function == pair[1].function)
    pairs = [*pairs_of(course, week, apart[:MOST])]
    found = zip(pairs, run(course, week, options, pairs), strict=True)
    told = [
        [possible[one.id] for one in (pair.one, pair.other) if one.id in possible]
        for pair, given in found
        if is_all(given, seen)
    ]
    hints = {tuple(one.hint for one in each) for each in told}
    return told[0] if len(hints) == 1 else []


def pairs_of(
    course: Course, week: Week, couples: Iterable[tuple[Mistake, Mistake]]
) -> Iterator[Pair]:
    """Those of the couples that can be put into the solution together."""
    for one, other in couples:
        with suppress(CourseError):  # they are in the same place
            text = variants.apply(other, variants.variant(course, week, one))
            yield Pair(one, other, text)


def is_all(given: Evidence, seen: list[Observation]) -> bool:
    """Whether just this is wrong in each of the probes."""
    titles = {one.probe.title for one in seen}
    predicted = by_label({title: wrong for title, wrong in given.items() if title in titles})
    wrong = by_label({one.probe.title: one.wrong for one in seen})
    return predicted.keys() == wrong.keys() and all(
        same(arrays, wrong[label]) for label, arrays in predicted.items()
    )


def run(course: Course, week: Week, options: Options, pairs: list[Pair]) -> list[Evidence]:
    """What each pair gives for the probes of its class, run where it isn't cached."""
    keys, cache = Keys(course, week, options), cache_of(course.root)
    found = {pair.key(keys): cache.get(pair.key(keys)) for pair in pairs}
    missing = [pair for pair in pairs if found[pair.key(keys)] is None]
    if missing:
        trusted = replace(options, sandboxed=False, limits=LIMITS)  # our own code
        with replacing(course, week, trusted) as (session, put):
            observing = Observing(course, week, session)
            for pair in missing:
                put({pair.one.module: pair.text})
                about = probes_about(course, week, pair.one.module, pair.one.function)
                given = evidence(observing.observe(about))
                found[pair.key(keys)] = pack({SEEN: given})
                cache.put(pair.key(keys), pack({SEEN: given}))
    return [unpack(found[pair.key(keys)] or {}).get(SEEN, {}) for pair in pairs]
