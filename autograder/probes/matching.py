"""Which explanation gives, for all probes, the wrong arrays that a submission gives."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from autograder.mistakes.evidence import Evidence
from autograder.mistakes.explaining import alike
from autograder.probes.observing import Observation, excused
from autograder.probes.predictions import Prediction
from autograder.sandbox.protocol import Array

LEAST = 2  # wrong arrays of finite numbers, or texts, that an explanation must reproduce

ByLabel = dict[str, dict[str, Array]]  # label -> title of the probe -> what was wrong


def explained(
    seen: Collection[Observation], predictions: Iterable[Prediction]
) -> dict[str, Prediction]:
    """The explanation of each label that is wrong, where there is exactly one.

    It gives the same wrong arrays for every probe, right ones included, and makes nothing wrong
    that is right here. What follows from an earlier fault needs no explanation of its own.
    """
    wrong = by_label({one.probe.title: one.wrong for one in seen})
    consequences = excused(seen)
    titles = {one.probe.title for one in seen}
    fitting = []
    for prediction in predictions:
        predicted = by_label({t: w for t, w in prediction.evidence.items() if t in titles})
        matched = {label for label in predicted if same(predicted[label], wrong.get(label))}
        strong = {label for label in matched if tells(predicted[label].values())}
        if strong and predicted.keys() <= matched | consequences:
            fitting.append((prediction, frozenset(strong)))
    chosen = {label: best(label, fitting) for label in wrong.keys() - consequences}
    return {label: one for label, one in chosen.items() if one is not None}


def best(label: str, fitting: list[tuple[Prediction, frozenset[str]]]) -> Prediction | None:
    """Of those that explain a label, the one that explains most; none where several do."""
    found = [(one.rank, len(labels), one) for one, labels in fitting if label in labels]
    if not found:
        return None
    most = max(found, key=lambda entry: entry[:2])
    hints = {one.hint for rank, count, one in found if (rank, count) == most[:2]}
    return most[2] if len(hints) == 1 else None


def by_label(evidence: Evidence) -> ByLabel:
    found: ByLabel = {}
    for title, labels in evidence.items():
        for label, array in labels.items():
            found.setdefault(label, {})[title] = array
    return found


def same(predicted: dict[str, Array], wrong: dict[str, Array] | None) -> bool:
    """Wrong for the same probes, and alike."""
    if wrong is None or predicted.keys() != wrong.keys():
        return False
    return all(alike(array, wrong[title]) for title, array in predicted.items())


def tells(arrays: Iterable[Array]) -> bool:
    """Whether enough of these hold something that another mistake would not give as well."""
    finite = [a for a in arrays if a.dtype.kind in "USiub" or np.isfinite(a).all()]
    return len(finite) >= LEAST
