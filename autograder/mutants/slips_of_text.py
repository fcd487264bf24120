"""Slips with text and with what is put together: another order of two, cut at the other end."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from autograder.mutants.operators import Change
from autograder.mutants.places import Place


def put_together(place: Place) -> Iterator[Change]:
    """Two parts of a list in the other order, or added the other way round."""
    match place.node:
        case ast.List(elts=[first, second], ctx=ast.Load()) as node:
            yield Change("parts", node, ast.List([second, first], ast.Load()))
        case ast.BinOp(left=left, op=ast.Add(), right=right) as node if is_list(left, right):
            yield Change("parts", node, ast.BinOp(right, ast.Add(), left))


def is_list(*nodes: ast.expr) -> bool:
    """Whether one of these is a list for all to see."""
    return any(
        isinstance(node, ast.List | ast.ListComp)
        or (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice))
        for node in nodes
    )


def text(place: Place) -> Iterator[Change]:
    """Text is split at single spaces, joined without them, or stays in the case that it has."""
    match place.node:
        case ast.Call(func=ast.Attribute(attr="split") as func, args=[]) as node:
            yield Change("split", node, ast.Call(func, [ast.Constant(" ")], []))
        case (
            ast.Call(
                func=ast.Attribute(value=ast.Constant(" "), attr="join" as name), args=args
            ) as node
        ):
            func = ast.Attribute(ast.Constant(""), name, ast.Load())
            yield Change("joined", node, ast.Call(func, args, []))
        case ast.Call(func=ast.Attribute(value=value, attr="lower" | "upper")) as node:
            yield Change("as it is", node, value)
        case ast.Call(func=ast.Attribute(attr="normalize"), args=[_, value]) as node:
            yield Change("as it is", node, value)
        case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[value]) as node:
            yield Change("repeats", node, value)


def kinds(place: Place) -> Iterator[Change]:
    """Of several letters that something may be, one is left out."""
    match place.node:
        case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=str() as letters)]):
            if isinstance(op, ast.In | ast.NotIn):
                for letter in letters if len(letters) > 1 else "":
                    rest = ast.Constant(letters.replace(letter, ""))
                    yield Change("kinds", place.node, ast.Compare(left, [op], [rest]))


def filtered(place: Place) -> Iterator[Change]:
    """All are taken, not only those that a condition holds for."""
    match place.node:
        case ast.comprehension(ifs=[test]):
            yield Change("filtered", test, ast.Constant(True))


def cut(place: Place) -> Iterator[Change]:
    """The end is kept, not the beginning."""
    match place.node:
        case ast.Subscript(value=value, slice=ast.Slice(None, ast.Name() as upper, None)) as node:
            lower = ast.UnaryOp(ast.USub(), upper)
            yield Change("cut", node, ast.Subscript(value, ast.Slice(lower), node.ctx))


OF_TEXT: tuple[Callable[[Place], Iterator[Change]], ...] = (
    *(put_together, text, kinds, filtered, cut),
)
