"""Relations that differ with how an object was made: a sum that is divided as a mean is."""

from __future__ import annotations

from collections.abc import Collection

from autograder.probes.observing import Observation
from autograder.probes.relations import Relation, fitting, mode, proposed

MOST = 3  # ways in which an object is made that are told apart


def in_each_mode(seen: Collection[Observation], label: str) -> Relation | None:
    """A relation for each way in which an object was made, where something is wrong in it."""
    about = [one for one in seen if label in one.expected]
    modes = list(dict.fromkeys(mode(one) for one in about if label in one.wrong))
    if not 1 < len(modes) <= MOST:
        return None
    found = {m: fitting([one for one in about if mode(one) == m], label, proposed) for m in modes}
    told = {m: relation for m, relation in found.items() if relation}
    if len(told) < len(modes):
        return None
    words = " ".join(f"With {m or 'default arguments'}: {one.hint}" for m, one in told.items())
    return Relation(" and ".join(one.id for one in told.values()), words)
