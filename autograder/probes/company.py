"""Two mistakes of the catalogue of which one changes what the other does.

What each gives by itself tells of neither. They are put into the solution together and run on the
probes: what comes is what the submission gives, in every case, or nothing is said. That takes the
solution, so a student's checkout does without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import combinations, product

from autograder.mistakes import variants
from autograder.mistakes.evidence import Evidence
from autograder.probes.changed import Changed, Trials, is_all
from autograder.probes.observing import Observation
from autograder.probes.predictions import Prediction, explanations
from course.catalogue import Mistake
from course.config import Course, Week
from course.errors import CourseError

MOST = 400  # pairs that are tried for a class: each takes some 10 ms, once


def beside(
    trials: Trials,
    seen: list[Observation],
    known: Collection[str],
    others: list[Prediction],
    alone: Mapping[str, Evidence],
) -> list[Prediction]:
    """The mistakes that have to be told beside those that are known: the one that with a known one
    gives all that these probes show, or the only two that do.

    Args:
        known: ids of mistakes that are told of this class.
        others: explanations that may be the second one.
        alone: what each gives by itself. Where that is all, there is no second one.
    """
    course, week = trials.course, trials.week
    if not course.has_solutions:
        return []
    possible = {one.id: one for one in others if one.id not in known and touches(one, seen)}
    listed = {one.id: one for one in explanations(course, week)}
    firsts = [listed[id] for id in known if id in listed]
    seconds = [listed[id] for id in possible]
    couples = [*product(firsts, seconds), *combinations(seconds, 2)]
    apart = sorted(couples, key=lambda pair: pair[0].function == pair[1].function)
    pairs = [*pairs_of(course, week, apart[:MOST])]
    wrong = [one for one in seen if one.wrong]
    for some in (wrong[:1], wrong[-1:], seen):  # most are out after the first
        found = trials.give(pairs, [one.probe for one in some])
        pairs = [pair for pair, given in zip(pairs, found, strict=True) if is_all(given, some)]
    pairs = [p for p in pairs if not any(is_all(alone[m.id], seen) for m in p.mistakes)]
    told = [[possible[m.id] for m in p.mistakes if m.id in possible] for p in pairs]
    hints = {tuple(one.hint for one in each) for each in told}
    return told[0] if len(hints) == 1 else []


def touches(prediction: Prediction, seen: list[Observation]) -> bool:
    """Whether it makes something wrong that is wrong here too, in one of these probes."""
    return any(one.wrong.keys() & prediction.evidence.get(one.probe.title, {}) for one in seen)


def pairs_of(
    course: Course, week: Week, couples: Iterable[tuple[Mistake, Mistake]]
) -> Iterator[Changed]:
    """Those of the couples that can be put into the solution together."""
    for one, other in couples:
        with suppress(CourseError):  # they are in the same place
            text = variants.apply(other, variants.variant(course, week, one))
            yield Changed((one, other), text)
