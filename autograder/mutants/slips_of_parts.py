"""Slips in how functions and the parts of an object are put together: one forgotten, say."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from autograder.mutants.names import similar
from autograder.mutants.operators import Change
from autograder.mutants.places import Place

OF_DATA = frozenset(name for kind in (np.ndarray, str, list, dict, set) for name in dir(kind))
NONE, ZERO = ast.Constant(None), ast.Constant(0)


def is_part(node: ast.AST | None) -> bool:
    """Whether a call is of a function of one's own, or of a method of an object that isn't data."""
    if not isinstance(node, ast.Call):
        return False
    match node.func:
        case ast.Name(id=name):
            return not hasattr(builtins, name)
        case ast.Attribute(value=value, attr=name):
            return name not in OF_DATA and not is_numpy(value)
    return False


def is_numpy(node: ast.expr) -> bool:
    names = [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    return bool(names) and names[0] in ("np", "rng", "math")


def one_argument(node: ast.AST | None) -> ast.expr | None:
    """What a call is given, if that is a single array."""
    match node:
        case ast.Call(args=[arg], keywords=[]) if not isinstance(arg, ast.Starred):
            return arg
    return None


def skipped(place: Place) -> Iterator[Change]:
    """A part is not called, or what it gives is not used."""
    node = place.node
    if not isinstance(node, ast.Call) or not is_part(node) or isinstance(place.parent, ast.Expr):
        return
    if node.args and not isinstance(first := node.args[0], ast.Starred):
        both = ast.Tuple([first, node], ast.Load())
        yield Change("skipped", node, ast.Subscript(both, ZERO, ast.Load()))
        yield Change("skipped", node, first)


def not_passed(place: Place) -> Iterator[Change]:
    """An argument is not handed on to a part: it has its default there, or is None."""
    node = place.node
    if not isinstance(node, ast.Call) or not is_part(node):
        return
    for i, argument in enumerate(node.args):
        last = i == len(node.args) - 1
        if last and not isinstance(argument, ast.Starred):
            yield Change("not passed", node, ast.Call(node.func, node.args[:i], node.keywords))
        if i > 0 and isinstance(argument, ast.Name | ast.Attribute):
            args = [*node.args[:i], NONE, *node.args[i + 1 :]]
            yield Change("not passed", node, ast.Call(node.func, args, node.keywords))


def nones(place: Place) -> Iterator[Change]:
    """Of several things that are kept together one is None."""
    match place.node:
        case ast.Assign(value=ast.Tuple(elts=elements) as node):
            for i, element in enumerate(elements):
                if isinstance(element, ast.Name | ast.Attribute):
                    kept = [*elements[:i], NONE, *elements[i + 1 :]]
                    yield Change("none", node, ast.Tuple(kept, ast.Load()))
            if len(elements) > 1:
                yield Change("nones", node, ast.Tuple([NONE for _ in elements], ast.Load()))


def order_of_calls(place: Place) -> Iterator[Change]:
    """Of two parts, one inside the other, the other one is called first."""
    inner = one_argument(place.node)
    if is_part(place.node) and is_part(inner) and (data := one_argument(inner)) is not None:
        assert isinstance(place.node, ast.Call)
        assert isinstance(inner, ast.Call)
        by = ast.Call(inner.func, [ast.Call(place.node.func, [data], [])], [])
        yield Change("first", place.node, by)


def around(place: Place) -> Iterator[Change]:
    """A part is called before a term is added, or after it."""
    match place.node:
        case ast.Call(func=func, args=[ast.BinOp(left=one, op=ast.Add(), right=other)]) as node:
            if is_part(node):
                for inside, outside in ((one, other), (other, one)):
                    call = ast.Call(func, [inside], [])
                    yield Change("before", node, ast.BinOp(outside, ast.Add(), call))
        case ast.BinOp(left=one, op=ast.Add(), right=other) as node:
            for part, term in ((one, other), (other, one)):
                if isinstance(part, ast.Call) and is_part(part) and one_argument(part) is not None:
                    sum_ = ast.BinOp(term, ast.Add(), part.args[0])
                    yield Change("after", node, ast.Call(part.func, [sum_], []))


def negated(place: Place) -> Iterator[Change]:
    """What a part is given has the other sign."""
    node = place.node
    if isinstance(node, ast.Call) and is_part(node) and node.args:
        first, *rest = node.args
        if not isinstance(first, ast.Starred | ast.Constant | ast.UnaryOp):
            args = [ast.UnaryOp(ast.USub(), first), *rest]
            yield Change("negated", node, ast.Call(node.func, args, node.keywords))


def exchanged(place: Place) -> Iterator[Change]:
    """Two arguments of a part change places."""
    node = place.node
    if isinstance(node, ast.Call) and is_part(node):
        for i in range(len(node.args) - 1):
            one, other = node.args[i : i + 2]
            if not isinstance(one, ast.Starred) and not isinstance(other, ast.Starred):
                args = [*node.args[:i], other, one, *node.args[i + 2 :]]
                yield Change("swap", node, ast.Call(node.func, args, node.keywords))


def mixed_up(place: Place) -> Iterator[Change]:
    """Two parts with similar names are taken for each other, in all of a method."""
    node = place.node
    if not isinstance(node, ast.FunctionDef) or node.decorator_list or node.name == "__init__":
        return
    used = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    names = sorted(used.intersection(place.attributes))
    for one, other in combinations(names, 2):
        if similar(one, other):
            by = Exchanged(one, other).visit(ast.parse(ast.unparse(node)).body[0])
            yield Change("mixed up", node, by)


class Exchanged(ast.NodeTransformer):
    """Two attributes, one for the other everywhere."""

    def __init__(self, one: str, other: str) -> None:
        self.names = {one: other, other: one}

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        return ast.Attribute(node.value, self.names.get(node.attr, node.attr), node.ctx)


def handed_on(place: Place) -> Iterator[Change]:
    """An argument is returned as it came."""
    match place.node:
        case ast.Return(value=ast.Call() | ast.Tuple() as value):
            used = {inner.id for inner in ast.walk(value) if isinstance(inner, ast.Name)}
            first = value.args[0] if isinstance(value, ast.Call) and value.args else None
            for name in place.parameters[:2]:
                is_first = isinstance(first, ast.Name) and first.id == name  # that is `skipped`
                if name in used and not is_first:
                    yield Change("handed on", value, ast.Name(name, ast.Load()))


def some(place: Place) -> Iterator[Change]:
    """A loop meets the first only, the last only, or all but the last."""
    match place.node:
        case ast.For(iter=ast.Call(func=ast.Name(id="reversed") as func, args=[values])):
            for words, part in parts(values):
                by = ast.Call(func, [part], [])
                yield Change(words, place.node.iter, by)
        case ast.For(iter=ast.Attribute() as values):
            for words, part in parts(values):
                yield Change(words, values, part)


def parts(values: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    one, minus = ast.Constant(1), ast.UnaryOp(ast.USub(), ast.Constant(1))
    slices = {"the first": (None, one), "the last": (minus, None), "not the last": (None, minus)}
    for words, (lower, upper) in slices.items():
        yield words, ast.Subscript(values, ast.Slice(lower, upper), ast.Load())


def chosen(place: Place) -> Iterator[Change]:
    """An option that a part is made with has the other value."""
    match place.node:
        case ast.Constant(value=bool() as value) as node if isinstance(place.parent, ast.keyword):
            yield Change("chosen", node, ast.Constant(not value))


# In methods; `not_passed` and `chosen` are for where an object is made as well.
OF_PARTS: tuple[Callable[[Place], Iterator[Change]], ...] = (
    *(skipped, nones, order_of_calls, around, negated, exchanged, mixed_up, handed_on, some),
)
