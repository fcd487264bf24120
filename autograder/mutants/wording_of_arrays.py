"""The sentences of slips with arrays, loops over them, and text."""

from __future__ import annotations

import ast
from collections.abc import Callable

from autograder.mutants.nouns import names, of
from autograder.mutants.operators import Change
from autograder.mutants.places import Place


def ones(place: Place, change: Change) -> str:
    return f"{names(place, change.node)} were not looked at, and 1 stood in its place"


def emptied(number: int) -> Callable[[Place, Change], str]:
    def words(place: Place, change: Change) -> str:
        value = change.node.value if isinstance(change.node, ast.Assign) else None
        return f"{number} stood in the place of something that is computed{of(place, value)}"

    return words


def whole(place: Place, change: Change) -> str:
    return f"all of an array were taken, not a part of it{of(place, change.by)}"


def letters(change: Change) -> str:
    assert isinstance(change.by, ast.Compare)
    return ast.unparse(change.by.comparators[0])


WORDS: dict[str, Callable[[Place, Change], str]] = {
    "ones": ones,
    "zeros_like": emptied(0),
    "ones_like": emptied(1),
    "reshaped": lambda place, change: f"axes were reshaped, not exchanged{of(place, change.node)}",
    "flipped": lambda place, change: f"{names(place, change.node)} ran backwards on two axes",
    "whole": whole,
    "shifted": lambda place, _: (
        f"the entries one step earlier, or later, were used{of(place, place.parent)}"
    ),
    "index": lambda place, change: (
        f"another entry were taken than belongs there{of(place, change.node)}"
    ),
    "backwards": lambda place, change: f"a loop ran backwards{of(place, change.node)}",
    "once": lambda place, change: f"each were taken only once{of(place, change.node)}",
    "ends": lambda *_: "a loop ended where it is to pass over one",
    "counted": lambda place, change: f"it were counted from 1{of(place, change.node)}",
    "spread": lambda *_: "the variance were divided by one less than there are numbers",
    "parts": lambda place, change: f"two parts stood in the other order{of(place, change.node)}",
    "split": lambda *_: "text were split at single spaces, not at all that is white",
    "joined": lambda *_: "pieces of text were joined without a space",
    "repeats": lambda place, change: f"repetitions stayed{of(place, change.by)}",
    "kinds": lambda _, change: f"not all kinds of characters were meant, {letters(change)} alone",
    "cut": lambda place, change: f"the end were kept, not the beginning{of(place, change.node)}",
    "added twice": lambda place, change: f"a term were added twice{of(place, change.by)}",
    "axes": lambda place, change: f"two axes were exchanged{of(place, change.node)}",
    "turned": lambda place, change: (
        f"one of the two matrices beside `@` were transposed{of(place, change.node)}"
    ),
    "inverted": lambda place, change: (
        f"{names(place, change.node)} were read the wrong way round: True where it is to be False"
    ),
    "order": lambda *_: (
        "the entries stood in another order before `reshape`: axes are exchanged or aren't"
    ),
}
