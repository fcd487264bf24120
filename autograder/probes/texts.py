"""How a wrong text, list or number lies beside the right one: the same words in another order, say.

It is told if it holds wherever something is wrong, and that is in two cases at least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeGuard

from autograder.probes.observing import LONGEST_LIST, Observation
from autograder.probes.relations import LEAST, Relation

Holds = Callable[[Sequence[Any], Sequence[Any]], bool]


def retold(seen: Collection[Observation], label: str) -> Relation | None:
    """The first sentence that is true of all that is wrong under this label."""
    pairs = [one.plain[label] for one in seen if label in one.wrong and label in one.plain]
    if len(pairs) < max(LEAST, sum(label in one.wrong for one in seen)):
        return None
    if not all(is_list(one) for pair in pairs for one in pair):
        return None
    parts = [(parts_of(got), parts_of(expected)) for got, expected in pairs]
    if all(isinstance(one, str) for pair in pairs for one in pair) and all(
        "".join(got) == "".join(expected) for got, expected in parts
    ):
        return told(label, "is right but for the spaces")
    if all(len(expected) < LEAST for _, expected in parts):
        return None  # of single words nothing is true but that they differ
    for words, holds in WORDS.items():
        if all(got != expected and holds(got, expected) for got, expected in parts):
            return told(label, words)
    return None


def told(label: str, words: str) -> Relation:
    return Relation(words, f"What you give as {label} {words}.")


def parts_of(value: Sequence[Any]) -> list[Any]:
    """The words of a text, the entries of a list."""
    return value.split() if isinstance(value, str) else list(value)


def is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    """A text, or a list of texts or whole numbers, and not too long."""
    if not isinstance(value, (str, list)) or len(value) > LONGEST_LIST:
        return False
    return all(type(one) in (str, int) for one in value)


def in_front(got: Sequence[Any], expected: Sequence[Any]) -> bool:
    """What fills up at the end stands in front."""
    rest = list(expected)
    while rest and rest[-1] == expected[-1]:
        rest.pop()
    return [*expected[len(rest) :], *rest] == list(got)


def other_order(got: Sequence[Any], expected: Sequence[Any]) -> bool:
    return Counter(got) == Counter(expected)


def is_part(some: Sequence[Any], of: Sequence[Any]) -> bool:
    """Whether one has nothing that the other hasn't, in that order."""
    rest = iter(of)
    return all(one in rest for one in some)


def one_for_another(got: Sequence[Any], expected: Sequence[Any]) -> bool:
    """Wherever one is wrong, the same stands in the place of the same."""
    wrong = {pair for pair in zip(got, expected, strict=False) if pair[0] != pair[1]}
    return len(got) == len(expected) and len(wrong) == 1


def moved(got: Sequence[Any], expected: Sequence[Any]) -> bool:
    """All numbers are off by the same."""
    numbers = all(isinstance(one, int) for one in [*got, *expected])
    if not numbers or len(got) != len(expected):
        return False
    return len({a - b for a, b in zip(got, expected, strict=True)}) == 1


def lowered(got: Sequence[Any], expected: Sequence[Any]) -> bool:
    return [str(one).lower() for one in got] == [str(one).lower() for one in expected]


def joined(got: Sequence[Any], expected: Sequence[Any]) -> bool:
    return "".join(map(str, got)) == "".join(map(str, expected))


WORDS: dict[str, Holds] = {
    "is in reverse order": lambda got, expected: got == expected[::-1],
    "is right, but what fills up at the end stands in front": in_front,
    "is right, but sorted": lambda got, expected: got == sorted(expected, key=str),
    "has the right parts, in another order": other_order,
    "is right but for capital letters": lowered,
    "is right, but taken apart in other places": joined,
    "lacks the beginning, and is right from there on": (
        lambda got, expected: bool(got) and expected[-len(got) :] == got
    ),
    "ends too early, and is right until there": (
        lambda got, expected: bool(got) and expected[: len(got)] == got
    ),
    "goes on where it is to end": lambda got, expected: got[: len(expected)] == expected,
    "has parts more than once that belong there once": (
        lambda got, expected: list(dict.fromkeys(got)) == expected
    ),
    "lacks parts that belong there, and the others are right": is_part,
    "has parts that do not belong there, and the others are right": (
        lambda got, expected: is_part(expected, got)
    ),
    "is too large everywhere, or too small, by the same number": moved,
    "has one and the same part in the place of another, and is right else": one_for_another,
}
