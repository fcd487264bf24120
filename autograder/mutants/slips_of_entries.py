"""Slips with single entries, with conditions on entries, and with what is made of all of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from autograder.mutants.calls import name_of
from autograder.mutants.operators import Change
from autograder.mutants.places import Place, is_self
from autograder.mutants.slips_of_parts import ZERO, is_numpy


def one_of_a_sum(place: Place) -> Iterator[Change]:
    """Of what is to be added up, one is taken."""
    match place.node:
        case ast.Call(func=ast.Attribute(value=value, attr="sum" | "mean"), args=args) as node:
            data = args[0] if is_numpy(value) and args else value
            axes = [k.value for k in node.keywords if k.arg == "axis"]
            if any(isinstance(axis, ast.Constant) and axis.value == 0 for axis in axes):
                for index in (ZERO, ast.UnaryOp(ast.USub(), ast.Constant(1))):
                    yield Change("one of", node, ast.Subscript(data, index, ast.Load()))


def truth(place: Place) -> Iterator[Change]:
    """It is asked whether something is true, and not whether it is None: 0 is neither."""
    match place.node:
        case ast.Compare(left=left, ops=[ast.Is()], comparators=[ast.Constant(None)]) as node:
            yield Change("truth", node, ast.UnaryOp(ast.Not(), left))
        case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[ast.Constant(None)]) as node:
            yield Change("truth", node, left)


def everywhere(place: Place) -> Iterator[Change]:
    """A comparison of arrays holds everywhere, or nowhere; or it is with 0."""
    match place.node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) as node:
            if isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn):
                return
            for words, name in (("everywhere", "ones_like"), ("nowhere", "zeros_like")):
                func = ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())
                yield Change(words, node, ast.Call(func, [node], []))
            if isinstance(right, ast.Name | ast.Attribute):
                yield Change("with 0", node, ast.Compare(left, [op], [ZERO]))


def entry(place: Place) -> Iterator[Change]:
    """Another entry along an axis, or the mean of all."""
    match place.node:
        case ast.Subscript(value=value, slice=ast.Tuple(elts=elements), ctx=ctx) as node:
            for i, element in enumerate(elements):
                if isinstance(element, ast.Constant) and type(element.value) is int:
                    for other in (0, 1, -1):
                        if other != element.value:
                            new = [*elements[:i], ast.Constant(other), *elements[i + 1 :]]
                            by = ast.Subscript(value, ast.Tuple(new, ast.Load()), ctx)
                            yield Change("entry", node, by)
                    if isinstance(ctx, ast.Load) and i == len(elements) - 1:
                        yield from averaged(node, value, elements[:i])


def averaged(node: ast.Subscript, value: ast.expr, before: list[ast.expr]) -> Iterator[Change]:
    """The mean along the axis of an entry, of all entries and of all but the first."""
    axis = ast.keyword("axis", ast.Constant(len(before)))
    for lower in (None, ast.Constant(1)):
        index = ast.Tuple([*before, ast.Slice(lower)], ast.Load())
        part = ast.Subscript(value, index, ast.Load())
        mean = ast.Attribute(part, "mean", ast.Load())
        yield Change("averaged", node, ast.Call(mean, [], [axis]))


def all_reductions(place: Place) -> Iterator[Change]:
    """`sum` stands for `mean` in all of a formula, or the other way round."""
    if not isinstance(place.node, ast.Return | ast.Assign):
        return
    for name, other in (("mean", "sum"), ("sum", "mean")):
        calls = [n for n in ast.walk(place.node) if isinstance(n, ast.Call) and name_of(n) == name]
        if len(calls) > 1:
            changed = Renamed(name, other).visit(ast.parse(ast.unparse(place.node)).body[0])
            yield Change("all", place.node, changed)


class Renamed(ast.NodeTransformer):
    """Calls of another method, everywhere."""

    def __init__(self, name: str, other: str) -> None:
        self.name, self.other = name, other

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        name = self.other if node.attr == self.name else node.attr
        return ast.Attribute(node.value, name, node.ctx)


def in_diagonals(place: Place) -> Iterator[Change]:
    """Another diagonal."""
    match place.node:
        case ast.Call(func=func, args=[data, ast.Constant(int() as k)]) as node:
            if name_of(node) in ("triu", "tril"):
                for other in (k - 1, k + 1):
                    yield Change("diagonal", node, ast.Call(func, [data, ast.Constant(other)], []))
                flipped = "tril" if name_of(node) == "triu" else "triu"
                turned = ast.Attribute(ast.Name("np", ast.Load()), flipped, ast.Load())
                for other in (0, -k):
                    args = [data, ast.Constant(other)]
                    yield Change("triangle", node, ast.Call(turned, args, []))


def weights(place: Place) -> Iterator[Change]:
    """Of a parameter only the first entry is used, or each entry stands one beside its place."""
    match place.node:
        case ast.Attribute(value=ast.Attribute(value=owner), attr="data", ctx=ast.Load()) as node:
            if is_self(owner):
                yield Change("only first", node, ast.Subscript(node, ZERO, ast.Load()))
                roll = ast.Attribute(ast.Name("np", ast.Load()), "roll", ast.Load())
                for step in (1, -1):
                    args = [node, ast.Constant(step)]
                    rolled = ast.Call(roll, args, [ast.keyword("axis", ZERO)])
                    yield Change("rolled", node, rolled)


OF_ENTRIES: tuple[Callable[[Place], Iterator[Change]], ...] = (
    *(one_of_a_sum, truth, everywhere, entry, all_reductions, in_diagonals, weights),
)
