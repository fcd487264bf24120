"""What is wrong in a class only because another one is, of which it is made.

The mistake that is told of the other is put into the solution. What the probes of this class get
wrong with it just as the submission does is no mistake of this class, as far as they show, and is
said once. It takes the solution, so a student's checkout does without it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from autograder.mistakes import variants
from autograder.mistakes.evidence import Evidence
from autograder.probes.changed import Changed, Trials
from autograder.probes.matching import by_label, same, tells
from autograder.probes.observing import Observation
from autograder.probes.predictions import explanations
from course.catalogue import Mistake


class Cause(NamedTuple):
    """A mistake in another class, and the labels that are wrong because of it."""

    mistake: Mistake
    labels: frozenset[str]

    @property
    def hint(self) -> str:
        return f"What is wrong in {self.mistake.where} gives just this. {self.mistake.hint}"


def cause_of(trials: Trials, seen: list[Observation], told: Collection[str]) -> Cause | None:
    """The one of the mistakes told elsewhere, by their ids, that most of this comes from."""
    course, week = trials.course, trials.week
    if not (course.has_solutions and told and any(one.wrong for one in seen)):
        return None
    listed = [one for one in explanations(course, week) if one.id in told]
    changed = [Changed((one,), variants.variant(course, week, one)) for one in listed]
    given = trials.give(changed, [one.probe for one in seen])
    causes = [Cause(m, due(wrong, seen)) for m, wrong in zip(listed, given, strict=True)]
    best = max(causes, key=lambda one: len(one.labels), default=None)
    return best if best and best.labels else None


def due(given: Evidence, seen: list[Observation]) -> frozenset[str]:
    """The labels that are wrong alike; none if something is wrong that isn't here."""
    wrong, predicted = by_label({one.probe.title: one.wrong for one in seen}), by_label(given)
    alike = {label for label in predicted if same(predicted[label], wrong.get(label))}
    if not predicted.keys() <= wrong.keys():
        return frozenset()
    all_ = alike == wrong.keys()
    return frozenset(one for one in alike if all_ or tells(predicted[one].values()))
