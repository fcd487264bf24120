"""Which explanation gives, for all probes, the wrong arrays that a submission gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from autograder.mistakes.evidence import Evidence
from autograder.mistakes.explaining import alike
from autograder.parity.compare import ACCEPTED
from autograder.probes.observing import EXCEPTION, Observation, excused
from autograder.probes.predictions import Prediction
from autograder.sandbox.protocol import Array

LEAST = 2  # wrong arrays of finite numbers, or texts, that an explanation must reproduce

ByLabel = dict[str, dict[str, Array]]  # label -> title of the probe -> what was wrong


@dataclass(frozen=True)
class Fit:
    """An explanation, and the labels that it explains."""

    prediction: Prediction
    labels: frozenset[str]
    whole: bool  # or else more is wrong than it makes wrong, under one of its labels

    @property
    def merit(self) -> tuple[bool, int, int]:
        return self.whole, len(self.labels), self.prediction.rank


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
    raised = not any(is_of_shapes(one) for one in seen)
    fits = [fit(prediction, titles, wrong, consequences, raised) for prediction in predictions]
    fitting = [one for one in fits if one is not None]
    chosen = {label: best(label, fitting) for label in wrong.keys() - consequences}
    return {label: one for label, one in chosen.items() if one is not None}


def is_of_shapes(one: Observation) -> bool:
    """Whether NumPy has raised an error, as whatever has the wrong shape makes it do."""
    return str(one.wrong.get(EXCEPTION, "")).startswith("ValueError") and not one.written


@dataclass(frozen=True)
class Witness:
    """What probes say of explanations, by their ids, whatever a check may look like."""

    supported: frozenset[str]  # under a label they give the same, and break nothing
    refuted: frozenset[str]  # they break what is right here, or are wrong otherwise everywhere

    def hears(self, ids: Iterable[str]) -> Witness:
        """The same, with these supported after all."""
        also = frozenset(ids)
        return Witness(self.supported | also, self.refuted - also)

    def denies(self, ids: frozenset[str]) -> Witness:
        """The same, with these refuted."""
        return Witness(self.supported - ids, self.refuted | ids)


def witness(seen: Collection[Observation], predictions: Iterable[Prediction]) -> Witness:
    """What these probes say of those explanations that make something wrong in them."""
    wrong = by_label({one.probe.title: one.wrong for one in seen})
    titles, consequences = {one.probe.title for one in seen}, excused(seen)
    supported, refuted = set(), set()
    for prediction in predictions:
        evidence = within(titles, prediction)
        predicted = by_label(evidence)
        matched = {label for label in predicted if same(predicted[label], wrong.get(label))}
        taken = {label for label in predicted if accepts(predicted[label], wrong.get(label, {}))}
        if (matched or taken) and predicted.keys() <= wrong.keys() | consequences:
            # What is the same further on only is what other mistakes have in common with it.
            if taken or first(evidence, but=EXCEPTION) in matched:
                supported.add(prediction.id)
        elif predicted:
            refuted.add(prediction.id)
    return Witness(frozenset(supported), frozenset(refuted))


def fit(
    prediction: Prediction,
    titles: set[str],
    wrong: ByLabel,
    consequences: frozenset[str],
    raised: bool = True,
) -> Fit | None:
    """What this explanation explains, if nothing contradicts it.

    Args:
        raised: whether an exception tells something by itself.

    A label that is wrong otherwise may have a second mistake in it: it is no contradiction, unless
    it is the one that goes wrong first, from which the others follow.
    """
    evidence = within(titles, prediction)
    predicted = by_label(evidence)
    matched = {label for label in predicted if same(predicted[label], wrong.get(label))}
    strong = {label for label in matched if tells(predicted[label].values())}
    if strong == {EXCEPTION} and predicted.keys() == strong and not raised:
        return None
    whole = predicted.keys() <= matched | consequences
    if not whole:  # the same exception alone has many causes
        strong -= {EXCEPTION}
    if not strong or not predicted.keys() <= wrong.keys() | consequences:
        return None
    if first(evidence) not in matched:
        return None
    return Fit(prediction, frozenset(strong), whole)


def first(evidence: Evidence, but: str = "") -> str:
    """The label that goes wrong first in most of the probes, `but` one if there are others."""
    leading = Counter(next(iter(labels)) for labels in evidence.values())
    if len(leading) > 1:
        del leading[but]
    return leading.most_common(1)[0][0]


def best(label: str, fitting: list[Fit]) -> Prediction | None:
    """Of those that explain a label, the one that explains most; none where several do."""
    found = [one for one in fitting if label in one.labels]
    most = max((one.merit for one in found), default=None)
    hints = {one.prediction.hint: one.prediction for one in found if one.merit == most}
    return next(iter(hints.values())) if len(hints) == 1 else None


def within(titles: set[str], prediction: Prediction) -> Evidence:
    """What it makes wrong in these probes."""
    return {title: wrong for title, wrong in prediction.evidence.items() if title in titles}


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


def accepts(predicted: dict[str, Array], wrong: dict[str, Array]) -> bool:
    """Whether it takes most of what is to be refused: the rest may fail further on by accident."""
    taken = predicted.keys() & wrong.keys()
    if taken != wrong.keys() or len(taken) < LEAST or 2 * len(taken) <= len(predicted):
        return False
    return all(ACCEPTED in str(predicted[t]) and alike(predicted[t], wrong[t]) for t in taken)


def tells(arrays: Iterable[Array]) -> bool:
    """Whether enough of these hold something that another mistake would not give as well."""
    finite = [a for a in arrays if a.dtype.kind in "USiub" or np.isfinite(a).all()]
    return len(finite) >= LEAST
