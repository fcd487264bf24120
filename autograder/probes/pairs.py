"""Two explanations of one array, each right in the cases in which the other changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations

from autograder.mistakes.explaining import alike
from autograder.probes.matching import LEAST, by_label, tells, within
from autograder.probes.observing import Observation, excused
from autograder.probes.predictions import Prediction
from autograder.sandbox.protocol import Array

Arrays = dict[str, Array]  # by the title of the probe


def paired(
    seen: Collection[Observation], label: str, predictions: Iterable[Prediction]
) -> tuple[Prediction, Prediction] | None:
    """The one pair that explains what is wrong under this label."""
    wrong = by_label({one.probe.title: one.wrong for one in seen})
    titles, consequences = {one.probe.title for one in seen}, excused(seen)
    possible: list[tuple[Prediction, Arrays]] = []
    for prediction in predictions:
        predicted = by_label(within(titles, prediction))
        arrays = predicted.get(label, {})
        breaks = predicted.keys() - wrong.keys() - consequences
        if not breaks and arrays.keys() <= wrong[label].keys() and agree(arrays, wrong[label]):
            possible.append((prediction, arrays))
    pairs = [
        (one, other)
        for (one, first), (other, second) in combinations(possible, 2)
        if cover(first, second, wrong[label])
    ]
    hints = {frozenset({one.hint, other.hint}) for one, other in pairs}
    return pairs[0] if len(hints) == 1 and len(next(iter(hints))) == 2 else None


def agree(arrays: Arrays, wrong: Arrays) -> bool:
    """Whether an explanation gives the same in enough cases."""
    return tells(array for title, array in arrays.items() if alike(array, wrong[title]))


def cover(one: Arrays, other: Arrays, wrong: Arrays) -> bool:
    """Whether all that is wrong is due to one or both, and to each where it is alone."""
    alone = (one.keys() - other.keys(), other.keys() - one.keys())
    if one.keys() | other.keys() != wrong.keys() or min(map(len, alone)) < LEAST:
        return False
    due = {title: (one | other)[title] for titles in alone for title in titles}
    return all(alike(array, wrong[title]) for title, array in due.items())
