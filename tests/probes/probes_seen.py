"""What a submission gave for probes, and what explanations predict, without running anything."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.mistakes.evidence import Evidence
from autograder.probes.observing import Observation
from autograder.probes.predictions import Prediction, Rank
from autograder.probes.probe import Probe


def seen(evidence: Evidence, *right: str, follows: Iterable[str] = ()) -> list[Observation]:
    """Probes with something wrong, and others with nothing."""
    found = []
    for title in (*evidence, *right):
        one = Observation(
            Probe("Layer", title, lambda _: None), follows=dict.fromkeys(follows, True)
        )
        one.wrong = dict(evidence.get(title, {}))
        found.append(one)
    return found


def prediction(id: str, evidence: Evidence, rank: Rank = Rank.MISTAKE) -> Prediction:
    return Prediction(id, f"the hint of {id}", "linear", rank, evidence)
