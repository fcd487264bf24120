"""Calls in a check: which may be handed a value of a submission, and what they return."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from autograder.author.kinds import (
    COLLECTIONS,
    OURS,
    RETURNS,
    TAKE_ALL,
    TAKE_ONE,
    UNKNOWN,
    Kind,
    Local,
    Own,
    Remote,
    Scope,
    Tool,
    held,
    joined,
    of_submission,
)
from autograder.author.reading_functions import Arguments, Member, of_local
from autograder.author.reading_names import put

if TYPE_CHECKING:
    from autograder.author.reading import Reader

SOME = "?"  # the name of an attribute that isn't known: it may be a class
SAME = {"list", "tuple", "reversed", "iter", "vars", "sorted"}  # of a collection of ours


def call(reader: Reader, node: ast.Call, scope: Scope) -> Kind:
    """What a call returns; notes what it is handed and may not have."""
    function, given = reader.see(node.func, scope), arguments(reader, node, scope)
    name = node.func.id if isinstance(node.func, ast.Name) and function is OURS else ""
    if name == "partial" and given.kinds:
        function = given.kinds.pop(0)
        invoke(reader, given.nodes.pop(0), function, given, "")
        return function
    return invoke(reader, node.func, function, given, name)


def invoke(reader: Reader, node: ast.expr, function: Kind, given: Arguments, name: str) -> Kind:
    if isinstance(function, Remote):
        is_class = function.name[:1].isupper() or function.name == SOME
        return Remote() if is_class else RETURNS["notebook.call"]
    if of_submission(function):
        return reader.touch(node, "called")
    if function is UNKNOWN:
        return OURS
    if isinstance(function, Tool):
        return of_tool(reader, function.name, given)
    if isinstance(function, Local):
        return of_local(reader, function, given)
    if isinstance(function, Member):
        return of_member(function, given)
    found = of_builtin(reader, name, given)
    return of_ours(reader, given) if found is None else found


def of_tool(reader: Reader, name: str, given: Arguments) -> Kind:
    """A fixture's: the accessors take what a submission returned, at their place."""
    for place, node, kind in given.all():
        allowed = name in TAKE_ALL or place in TAKE_ONE.get(name, ())
        if held(kind) and not allowed:
            reader.touch(node, "handed to a function")
    if name in COLLECTIONS:
        return Own(dict(COLLECTIONS[name].items))
    return RETURNS.get(name, OURS)


def of_ours(reader: Reader, given: Arguments) -> Kind:
    """NumPy's, Python's, an oracle: they would have to cope with anything."""
    for _, node, kind in given.all():
        if held(kind):
            reader.touch(node, "handed to a function")
    return OURS


def of_builtin(reader: Reader, name: str, given: Arguments) -> Kind | None:
    """Those that only move things around; None if it is another one."""
    kinds, nodes = given.kinds, given.nodes
    if name == "getattr" and len(nodes) > 1:
        known = nodes[1].value if isinstance(nodes[1], ast.Constant) else SOME
        return reader.attribute(nodes[0], kinds[0], str(known))
    if name == "setattr" and len(nodes) == 3:
        put(reader, nodes[0], kinds[0], getattr(nodes[1], "value", "*"), kinds[2])
        return OURS
    if name == "len" and kinds and isinstance(kinds[0], Own):
        return OURS  # how many there are is known
    if name in ("zip", "enumerate", "map", "all", "any", "next", *SAME):
        elements = [reader.element(n, k) for n, k in zip(nodes, kinds, strict=True)]
        return moved(reader, name, given, elements)
    if name in ("SimpleNamespace", "dict"):
        own = Own(dict(given.named), keyed=name == "dict")
        for kind in kinds:
            pairs = kind.every() if isinstance(kind, Own) else kind
            values = pairs.every() if isinstance(pairs, Own) else pairs
            own.items["*"] = joined(own.items.get("*", OURS), values)
        return own
    return None


def moved(reader: Reader, name: str, given: Arguments, elements: list[Kind]) -> Kind | None:
    if name == "zip":
        return Own({"*": Own(dict(enumerate(elements)))})
    if name == "enumerate":
        return Own({"*": Own({0: OURS, 1: joined(*elements)})})
    if name == "map" and given.nodes:
        inner = Arguments(elements[1:], given.nodes[1:])
        return Own({"*": invoke(reader, given.nodes[0], given.kinds[0], inner, "")})
    if name in ("all", "any") and held(joined(*elements)):
        return reader.touch(given.nodes[0], "asked whether it is true")
    if name == "sorted" and held(joined(*elements)):
        return reader.touch(given.nodes[0], "compared")
    if name == "next":
        return joined(*elements)
    return given.kinds[0] if name in SAME and given.kinds else OURS


def of_member(method: Member, given: Arguments) -> Kind:
    own, name = method.own, method.name
    if name == "items":
        return Own({"*": Own({0: OURS, 1: own.every()})})
    if name == "values":
        return Own({"*": own.every()})
    if name == "keys":
        return OURS
    if name in ("append", "add", "insert", "setdefault"):
        own.items["*"] = joined(own.items.get("*", OURS), *given.kinds)
    if name in ("extend", "update"):
        more = [kind.every() for kind in given.kinds if isinstance(kind, Own)]
        own.items["*"] = joined(own.items.get("*", OURS), *more, *given.named.values())
    return Own(dict(own.items), own.keyed) if name == "copy" else own.every()


def arguments(reader: Reader, node: ast.Call, scope: Scope) -> Arguments:
    given = Arguments()
    for argument in node.args:
        for kind in spread(reader, [argument], scope):
            given.kinds.append(kind)
            given.nodes.append(argument)
    for keyword in node.keywords:
        kind = reader.see(keyword.value, scope)
        if keyword.arg is None and of_submission(kind):
            reader.touch(keyword.value, "unpacked")
        more: dict[Any, Kind] = kind.items if isinstance(kind, Own) else {}
        for name, item in {keyword.arg: kind}.items() if keyword.arg else more.items():
            given.named[str(name)], given.places[str(name)] = item, keyword.value
    return given


def spread(reader: Reader, nodes: Iterable[ast.expr], scope: Scope) -> Iterator[Kind]:
    """The kinds of elements or arguments, those of a starred collection one by one."""
    for node in nodes:
        if not isinstance(node, ast.Starred):
            yield reader.see(node, scope)
            continue
        kind = reader.see(node.value, scope)
        if of_submission(kind):
            reader.touch(node.value, "unpacked")
        elif isinstance(kind, Own):
            yield from kind.items.values()
