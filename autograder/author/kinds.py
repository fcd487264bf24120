"""What an expression of a check is: ours, a value or an object of the submission, or of both.

The fixtures that reach into a submission, and the calls that may be handed what it returned.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Kind:
    """Ours: a number, an expected array, anything that no submission can have changed."""


OURS = Kind()
UNKNOWN = Kind()  # a parameter that is no fixture: it may be a class of the submission


class Value(Kind):
    """What a submission returned, whatever it is."""


VALUE = Value()


@dataclass(frozen=True)
class Remote(Kind):
    """What stays in the worker; `name` is that of the attribute, by which classes are known."""

    name: str = ""


@dataclass(frozen=True)
class Tool(Kind):
    """A fixture that handles values of a submission, or a method of it: "parity.array"."""

    name: str


@dataclass(frozen=True)
class Local(Kind):
    """A function, a lambda or a class of the file, where it was defined."""

    node: ast.FunctionDef | ast.Lambda | ast.ClassDef
    scope: Scope = field(compare=False, repr=False)
    owner: Own | None = field(default=None, compare=False, repr=False)  # of a method


@dataclass(eq=False)
class Own(Kind):
    """A collection, a namespace or an instance of ours, with what it holds by key."""

    items: dict[Any, Kind] = field(default_factory=dict)
    keyed: bool = False  # a dictionary: going through it gives its keys
    made_by: Local | None = None  # the class of an instance

    def every(self) -> Kind:
        return joined(*self.items.values())

    def at(self, key: Any) -> Kind:
        """What is under a key; anything, where the key isn't known ("*")."""
        return self.items[key] if key in self.items and key != "*" else self.every()


class Scope(dict[str, Kind]):
    """The names of a function, with those around it."""

    def __init__(
        self, around: Scope | None = None, names: Mapping[str, Kind] | None = None
    ) -> None:
        super().__init__(names or {})
        self.around = around

    def find(self, name: str) -> Kind | None:
        if name in self:
            return self[name]
        return self.around.find(name) if self.around is not None else None


def joined(*kinds: Kind) -> Kind:
    """What may be one of these: the most of a submission that is among them."""
    known = list(dict.fromkeys(kind for kind in kinds if kind not in (OURS, UNKNOWN)))
    if len(known) < 2:
        return known[0] if known else OURS
    owns = [kind for kind in known if isinstance(kind, Own)]
    if len(owns) == len(known):
        keys = dict.fromkeys(key for own in owns for key in own.items)
        items = {key: joined(*(own.items.get(key, OURS) for own in owns)) for key in keys}
        return Own(items, any(own.keyed for own in owns))
    if any(held(kind) for kind in known):
        return Remote() if all(isinstance(kind, Remote) for kind in known) else VALUE
    return known[0]


def of_submission(kind: Kind) -> bool:
    return isinstance(kind, (Value, Remote))


def held(kind: Kind, depth: int = 4) -> bool:
    """Whether it is, or holds, something of a submission."""
    if isinstance(kind, Own) and depth:
        return any(held(item, depth - 1) for item in kind.items.values())
    return of_submission(kind)


def pair() -> Own:
    return Own({0: VALUE, 1: VALUE})


FIXTURES: dict[str, Kind] = {"student": Remote(), "given": Remote()}
FIXTURES |= {
    name: Tool(name)
    for name in ("weeks", "worker", "notebook", "parity", "contract", "training", "threshold")
}
MEMBERS: dict[str, Kind] = {
    "contract.student": Remote(),
    **{f"{owner}.parity": Tool("parity") for owner in ("contract", "training", "threshold")},
    **{f"{owner}.worker": Tool("worker") for owner in ("contract", "training")},
    "training.threshold": Tool("threshold"),
}
# What calls return that isn't ours.
RETURNS: dict[str, Kind] = {
    **dict.fromkeys(("weeks", "worker.keep", "worker.keep_result", "worker.generator"), Remote()),
    **dict.fromkeys(("notebook.make", "notebook.keep"), Remote()),
    **dict.fromkeys(("contract.make", "training.generator"), Remote()),
    **dict.fromkeys(("worker.fetch", "worker.call", "notebook.read", "notebook.call"), VALUE),
    "parity.item": VALUE,
}
COLLECTIONS = {"parity.parts": Own({"*": VALUE}), "contract.untouched": pair()}
# Which arguments may be of a submission: all of them, or those at this place or of this name.
TAKE_ALL = {
    *("worker.keep", "worker.keep_result", "worker.generator", "worker.fetch", "worker.call"),
    *("notebook.read", "notebook.call", "notebook.make", "contract.make", "contract.untouched"),
    *("contract.refuses", "contract.quiet"),
    *("training.fit", "training.outputs", "training.accuracy", "training.cross_entropy"),
}
TAKE_ONE: dict[str, tuple[int, str]] = {
    **{f"parity.{name}": (1, "got") for name in ("equal", "number", "array", "arrays", "parts")},
    "parity": (1, "got"),
    "parity.item": (0, "got"),
    "parity.describe": (0, "value"),
    "parity.refuses": (1, "call"),
}
# Attributes by which a check looks into an array without asking parity for it.
OF_ARRAYS = {"shape", "dtype", "ndim", "T", "astype"}
