"""What is known of a class or a function, from what its probes show."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from autograder.mistakes.explaining import alike
from autograder.probes.consequences import Cause
from autograder.probes.examples import example
from autograder.probes.matching import Witness, by_label, explained, within, witness
from autograder.probes.modes import in_each_mode
from autograder.probes.observing import Observation, excused
from autograder.probes.pairs import paired
from autograder.probes.predictions import Prediction, Rank, slug
from autograder.probes.properties import property_of
from autograder.probes.relations import Relation, related
from autograder.probes.scopes import SURE, entries, scope
from autograder.probes.terms import Terms
from autograder.probes.texts import retold
from autograder.results import Example

NOTHING = Witness(frozenset(), frozenset())


@dataclass(frozen=True)
class Findings:
    """What is known of a class or function, by the label of what is wrong."""

    explained: dict[str, Prediction | Relation]
    examples: dict[str, Example]
    witness: Witness = NOTHING
    wavers: bool = False  # not the same twice
    account: tuple[Prediction, ...] = ()  # what with each other gives all that is wrong

    def due_to(self, cause: Cause, seen: list[Observation], known: list[Prediction]) -> Findings:
        """The same, but that some of it comes from a mistake in another class."""
        of_cause = Relation(cause.mistake.id, cause.hint)
        titles = {one.probe.title for one in seen}
        labels = {one.id: by_label(within(titles, one)).keys() for one in known}
        instead = frozenset(id for id, wrong in labels.items() if wrong and wrong <= cause.labels)
        return replace(
            self,
            explained=self.explained | dict.fromkeys(cause.labels, of_cause),
            witness=self.witness.denies(instead),
            account=(),
        )

    def listed(self, labels: Collection[str]) -> dict[str, Prediction]:
        """The declared explanations of these labels: what may be said as well."""
        found = {label: self.explained[label] for label in labels if label in self.explained}
        return {
            label: one
            for label, one in found.items()
            if isinstance(one, Prediction) and one.rank >= Rank.DEVIATION
        }


def examples_of(seen: list[Observation]) -> dict[str, Example]:
    """The smallest case in which this and that is wrong, by label."""
    labels = dict.fromkeys(label for one in seen for label in one.wrong)
    found = {label: example(seen, label) for label in labels}
    return {label: one for label, one in found.items() if one is not None}


def find(
    seen: list[Observation],
    again: list[Observation],
    examples: dict[str, Example],
    known: list[Prediction],
    terms: Terms,
) -> Findings:
    """What is wrong, seen twice.

    Args:
        again: of some of the probes: the first, and those of the examples.
    """
    if not (seen and again):  # it ended: that is not to waver
        return Findings({}, {})
    repeated = {one.probe.title for one in again}
    if not same([one for one in seen if one.probe.title in repeated], again):
        return Findings({}, {}, wavers=True)
    slips = [one for one in known if one.rank is Rank.SLIP]
    listed = [one for one in known if one.rank is not Rank.SLIP]
    found: dict[str, Prediction | Relation] = {**explained(seen, listed)}
    labels = dict.fromkeys(label for one in seen for label in one.wrong)
    seems, slipped = witness(seen, listed), explained(seen, slips)
    for label in labels.keys() - found.keys() - excused(seen):
        single = property_of(seen, label) or related(seen, label, terms) or slipped.get(label)
        single = single or in_each_mode(seen, label) or retold(seen, label)
        if single:
            found[label] = single
        elif pair := paired(seen, label, listed):
            seems = seems.hears(one.id for one in pair)
        elif words := entries(seen, label) or scope(seen, label, SURE):
            found[label] = Relation(slug(words), words)
    return Findings(found, examples, seems, account=account(seen, found.values()))


def account(
    seen: list[Observation], found: Iterable[Prediction | Relation]
) -> tuple[Prediction, ...]:
    """The explanations, if there is nothing wrong in any probe but what they get wrong."""
    told = {one.id: one for one in found if isinstance(one, Prediction)}
    consequences = excused(seen)
    known = all(
        any(gives(one, case, label) for one in told.values())
        for case in seen
        for label in case.wrong.keys() - consequences
    )
    return tuple(told.values()) if known else ()


def gives(one: Prediction, case: Observation, label: str) -> bool:
    """Whether it gets the same wrong in this case."""
    predicted = one.evidence.get(case.probe.title, {}).get(label)
    return predicted is not None and alike(predicted, case.wrong[label])


def same(seen: list[Observation], again: list[Observation]) -> bool:
    """Whether a submission gave twice what it gave once."""
    return len(seen) == len(again) and all(
        one.wrong.keys() == other.wrong.keys()
        and all(alike(array, other.wrong[label]) for label, array in one.wrong.items())
        for one, other in zip(seen, again, strict=True)
    )


def labels_left(seen: list[Observation], findings: Findings) -> frozenset[str]:
    """What is wrong by itself, and is not told to be one mistake of the catalogue."""
    wrong = frozenset(label for one in seen for label in one.wrong)
    return wrong - excused(seen) - findings.listed(wrong).keys()
