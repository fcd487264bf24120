"""What names, attributes and entries are bound to, in a file of checks."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from autograder.author.kinds import OURS, Kind, Own, Remote, Scope, joined, of_submission

if TYPE_CHECKING:
    from autograder.author.reading import Reader


def bind(reader: Reader, target: ast.expr, kind: Kind, scope: Scope) -> None:
    match target:
        case ast.Name():
            scope[target.id] = kind
        case ast.Starred():
            bind(reader, target.value, Own({"*": kind}), scope)
        case ast.Tuple() | ast.List():
            if of_submission(kind):
                kind = reader.touch(target, "unpacked")
            for index, part in enumerate(target.elts):
                bind(reader, part, kind.at(index) if isinstance(kind, Own) else OURS, scope)
        case ast.Attribute():
            put(reader, target, reader.see(target.value, scope), target.attr, kind)
        case ast.Subscript():
            reader.see(target.slice, scope)
            key = target.slice.value if isinstance(target.slice, ast.Constant) else "*"
            holder = reader.see(target.value, scope)
            if of_submission(holder):
                reader.touch(target, "indexed")
            put(reader, target, holder, key, kind)


def put(reader: Reader, node: ast.AST, holder: Kind, key: object, kind: Kind) -> None:
    """Set an attribute or an entry: of an object in the worker, that is a message to it."""
    if isinstance(holder, Own):
        before = holder.items.get(key, OURS) if key == "*" else OURS
        holder.items[key] = joined(before, kind)
    elif of_submission(holder) and not isinstance(holder, Remote):
        reader.touch(node, "asked for an attribute")
