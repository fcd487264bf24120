"""The nodes of a module's syntax tree that a mutant may change.

Left alone is what no check could ask about: docstrings, annotations, decorators, and everything
inside a `raise` or an f-string.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

UNTOUCHED = ("annotation", "returns", "decorator_list", "bases")  # fields of a node


class Place(NamedTuple):
    """A node, and where it stands."""

    function: str  # the qualified name of the function or class around it; "" in the module
    node: ast.AST
    parent: ast.AST | None
    attributes: frozenset[str]  # of `self`, in the class around it
    parameters: tuple[str, ...] = ()  # of the function around it, but for `self`


def places(
    node: ast.AST,
    function: str = "",
    parent: ast.AST | None = None,
    attributes: frozenset[str] = frozenset(),
    parameters: tuple[str, ...] = (),
) -> Iterator[Place]:
    """All nodes that may be changed, in the order of the source."""
    yield Place(function, node, parent, attributes, parameters)
    if isinstance(node, ast.Raise | ast.JoinedStr):
        return
    if isinstance(node, ast.ClassDef):
        attributes = frozenset(attributes_of_self(node))
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        function = f"{function}.{node.name}".lstrip(".")
    if isinstance(node, ast.FunctionDef):
        parameters = parameters_of(node)
    for name, value in ast.iter_fields(node):
        if name in UNTOUCHED:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not is_docstring(child):
                yield from places(child, function, node, attributes, parameters)


def attributes_of_self(node: ast.ClassDef) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and is_self(inner.value):
            yield inner.attr


def parameters_of(node: ast.FunctionDef) -> tuple[str, ...]:
    found = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return tuple(one.arg for one in found if one.arg != "self")


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def is_docstring(node: ast.AST) -> bool:
    """A string that stands alone says something to readers only."""
    return isinstance(node, ast.Expr) and is_text(node.value)


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
