"""Functions, lambdas and classes of a file of checks, as they are called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.author.kinds import OURS, Kind, Local, Own, Scope, joined

if TYPE_CHECKING:
    from autograder.author.reading import Reader


@dataclass(frozen=True)
class Member(Kind):
    """A method of a collection of ours."""

    own: Own
    name: str


@dataclass
class Arguments:
    """Those of a call, with their places in the file."""

    kinds: list[Kind] = field(default_factory=list)
    nodes: list[ast.expr] = field(default_factory=list)
    named: dict[str, Kind] = field(default_factory=dict)
    places: dict[str, ast.expr] = field(default_factory=dict)

    def all(self) -> Iterator[tuple[int | str, ast.expr, Kind]]:
        yield from ((i, *both) for i, both in enumerate(zip(self.nodes, self.kinds, strict=True)))
        yield from ((name, self.places[name], kind) for name, kind in self.named.items())


def run_alone(reader: Reader, local: Local) -> Kind:
    """As pytest calls it: each parameter is the fixture of its name. A class with its methods."""
    if isinstance(local.node, ast.ClassDef):
        made = of_local(reader, local, None)
        for node in local.node.body:
            if isinstance(node, ast.FunctionDef) and node.name != "__init__":
                own = made if isinstance(made, Own) else None
                of_local(reader, Local(node, local.scope, own), None)
        return made
    return of_local(reader, local, None)


def of_local(reader: Reader, local: Local, given: Arguments | None) -> Kind:
    """Run a function of the file with these arguments, or with fixtures by their names."""
    node = local.node
    if isinstance(node, ast.ClassDef):
        made = Own(made_by=local)
        start = member(made, "__init__")
        if isinstance(start, Local):
            of_local(reader, start, given)
        return made
    if node in reader.running:
        return OURS
    reader.running.append(node)
    reader.returned.append([])
    scope = Scope(local.scope, bound(reader, local, node.args, given))
    if isinstance(node, ast.Lambda):
        reader.returned[-1].append(reader.see(node.body, scope))
    else:
        reader.run(node.body, scope)
    reader.running.pop()
    return joined(*reader.returned.pop())


def bound(
    reader: Reader, local: Local, takes: ast.arguments, given: Arguments | None
) -> dict[str, Kind]:
    """The parameters of a function by name."""
    places = [argument.arg for argument in (*takes.posonlyargs, *takes.args)]
    names = [*places, *(argument.arg for argument in takes.kwonlyargs)]
    kinds = dict(defaults(reader, local.scope, takes))
    if given is None:
        kinds |= {name: reader.fixture(name) for name in names if name not in kinds}
        return kinds | ({places[0]: local.owner} if local.owner is not None and places else {})
    values = [*([local.owner] if local.owner is not None else []), *given.kinds]
    kinds = dict.fromkeys(names, OURS) | kinds | dict(zip(places, values, strict=False))
    kinds |= {name: kind for name, kind in given.named.items() if name in names}
    if takes.vararg:
        kinds[takes.vararg.arg] = Own(dict(enumerate(values[len(places) :])))
    if takes.kwarg:
        rest = {name: kind for name, kind in given.named.items() if name not in names}
        kinds[takes.kwarg.arg] = Own(rest, keyed=True)
    return kinds


def defaults(reader: Reader, scope: Scope, takes: ast.arguments) -> Iterator[tuple[str, Kind]]:
    places = [argument.arg for argument in (*takes.posonlyargs, *takes.args)]
    for name, value in zip(reversed(places), reversed(takes.defaults), strict=False):
        yield name, reader.see(value, scope)
    for argument, default in zip(takes.kwonlyargs, takes.kw_defaults, strict=True):
        if default is not None:
            yield argument.arg, reader.see(default, scope)


def member(own: Own, name: str) -> Kind:
    """An attribute of something of ours: what was put there, or a method of its class."""
    if name in own.items and not own.keyed:
        return own.items[name]
    if own.made_by is not None and isinstance(own.made_by.node, ast.ClassDef):
        for node in own.made_by.node.body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                return Local(node, own.made_by.scope, own)
    return Member(own, name)
