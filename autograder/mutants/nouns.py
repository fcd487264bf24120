"""The names in a piece of code that a student knows: arguments, attributes, functions of NumPy."""

from __future__ import annotations

import ast

from autograder.mutants.places import Place, is_self

SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.Lt: "<", ast.LtE: "<=",
    ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in",
    ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
NAMES_SHOWN = 3


def names(place: Place, *nodes: ast.AST | None) -> str:
    """What nodes speak of, by names that a student knows: "`x`, `weight` and `np.exp`"."""
    found = dict.fromkeys(name for node in nodes if node for name in known(place, node))
    *others, last = [f"`{name}`" for name in [*found][:NAMES_SHOWN]] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def known(place: Place, node: ast.AST) -> list[str]:
    """Arguments of the function, attributes of the object, functions of NumPy."""
    match node:
        case ast.Name(id=name):
            return [name] if name in place.parameters else []
        case ast.Attribute(value=value, attr=name) if is_self(value):
            return [] if name.startswith("_") else [name]
        case ast.Attribute(value=ast.Name(id="np"), attr=name):
            return [f"np.{name}"]
        case ast.Attribute(value=value, attr="data"):
            return known(place, value)
        case ast.Attribute(value=value, attr="grad"):
            return [f"{name}.grad" for name in known(place, value)]
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=args, keywords=keywords):
            inner = [
                found
                for part in (*args, *(k.value for k in keywords))
                for found in known(place, part)
            ]
            if isinstance(value, ast.Name) and value.id == "np":
                return [f"np.{name}", *inner]
            return [*known(place, value), name, *inner]
    return [found for child in ast.iter_child_nodes(node) for found in known(place, child)]


def beside(place: Place, *nodes: ast.AST | None) -> str:
    found = names(place, *nodes)
    return f", beside {found}" if found else ""


def of(place: Place, *nodes: ast.AST | None) -> str:
    found = names(place, *nodes)
    return f": {found}" if found else ""


def sign(op: ast.AST) -> str:
    return SIGNS[type(op)]
