"""Two mistakes of the catalogue of which one changes what the other does.

What each gives by itself tells of neither. They are put into the solution together and run on the
probes: what comes is what the submission gives, in every case, or nothing is said. That takes the
solution, so a student's checkout does without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
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
from autograder.probes.probe import Probe
from course.catalogue import Mistake
from course.config import Course, Week
from course.errors import CourseError

MOST = 200  # pairs that are tried for a class: each takes some 10 ms, once
SEEN = "seen"


@dataclass(frozen=True)
class Pair:
    """Two mistakes, and the solution with both of them."""

    one: Mistake
    other: Mistake
    text: str

    def key(self, keys: Keys, titles: str) -> str:
        both = f"{keys.of_probes(self.one)} {keys.of_probes(self.other)} {titles}"
        return hashlib.sha256(both.encode()).hexdigest()


def beside(
    course: Course,
    week: Week,
    options: Options,
    seen: list[Observation],
    known: Collection[str],
    others: list[Prediction],
    alone: Mapping[str, Evidence],
) -> list[Prediction]:
    """The mistakes that have to be told beside those that are known: the one that with a known one
    gives all that these probes show, or if none is known the only two that do.

    Args:
        known: ids of mistakes that are told of this class.
        others: explanations that may be the second one.
        alone: what each gives by itself. Where that is all, there is no second one.
    """
    if not course.has_solutions:
        return []
    possible = {one.id: one for one in others if one.id not in known and touches(one, seen)}
    listed = {one.id: one for one in explanations(course, week)}
    firsts = [listed[id] for id in known if id in listed]
    seconds = [listed[id] for id in possible]
    couples = [*(product(firsts, seconds) if firsts else combinations(seconds, 2))]
    apart = sorted(couples, key=lambda pair: pair[0].function == pair[1].function)
    pairs = [*pairs_of(course, week, apart[:MOST])]
    wrong = [one for one in seen if one.wrong]
    for some in (wrong[:1], wrong[-1:], seen):  # most are out after the first
        found = run(course, week, options, pairs, [one.probe for one in some])
        pairs = [pair for pair, given in zip(pairs, found, strict=True) if is_all(given, some)]
    pairs = [p for p in pairs if not any(is_all(alone[m.id], seen) for m in (p.one, p.other))]
    told = [[possible[m.id] for m in (p.one, p.other) if m.id in possible] for p in pairs]
    hints = {tuple(one.hint for one in each) for each in told}
    return told[0] if len(hints) == 1 else []


def touches(prediction: Prediction, seen: list[Observation]) -> bool:
    """Whether it makes something wrong that is wrong here too, in one of these probes."""
    return any(one.wrong.keys() & prediction.evidence.get(one.probe.title, {}) for one in seen)


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


def run(
    course: Course, week: Week, options: Options, pairs: list[Pair], probes: list[Probe]
) -> list[Evidence]:
    """What each pair gives for these probes, run where it isn't cached."""
    keys, cache = Keys(course, week, options), cache_of(course.root)
    titles = "\0".join(probe.title for probe in probes)
    names = [pair.key(keys, titles) for pair in pairs]
    found = {name: cache.get(name) for name in names}
    missing = [(name, pair) for name, pair in zip(names, pairs, strict=True) if not found[name]]
    if missing:
        trusted = replace(options, sandboxed=False, limits=LIMITS)  # our own code
        with replacing(course, week, trusted) as (session, put):
            observing = Observing(course, week, session)
            for name, pair in missing:
                put({pair.one.module: pair.text})
                found[name] = made = pack({SEEN: evidence(observing.observe(probes))})
                cache.put(name, made)
    return [unpack(found[name] or {}).get(SEEN, {}) for name in names]
