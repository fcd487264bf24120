"""Where an array is wrong and where it is right: "right with one row, wrong with more"."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from autograder.probes.observing import Observation
from autograder.probes.relations import given
from autograder.replay.steps import Asked

LEAST = 2  # cases that are right, and cases that are wrong


def scope(seen: Collection[Observation], label: str) -> str:
    """A sentence, if exactly one description tells the wrong cases from the right ones."""
    about = [one for one in seen if label in one.expected or label in one.wrong]
    wrong = {one.probe.title for one in about if label in one.wrong}
    right = {one.probe.title for one in about} - wrong
    if len(wrong) < LEAST or len(right) < LEAST:
        return ""
    described: dict[str, set[str]] = {}
    for one in about:
        for words in descriptions(one):
            described.setdefault(words, set()).add(one.probe.title)
    found = [f"wrong in those {w}, and in no other" for w, of in described.items() if of == wrong]
    found += [f"right in those {w}, and in no other" for w, of in described.items() if of == right]
    return f"Of the cases tried, the {label} is {found[0]}." if len(found) == 1 else ""


def descriptions(seen: Observation) -> Iterator[str]:
    """What may be said of a case: lengths of 1, arguments that are given, modes."""
    asked = Asked(seen.steps)
    for method, arrays in given(seen).items():
        for axis, length in enumerate(arrays[0].shape):
            if length == 1:
                yield f"in which axis {axis} of what {method} is given has length 1"
        if len(arrays) > 1:
            yield f"in which {method} is given a second array"
    for name, value in asked.options.items():
        yield f"with {name}={value!r}"
    for method, args in asked.calls.items():
        if not args:
            yield f"after {method}()"
