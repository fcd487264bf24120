"""Slips in how functions and the parts of an object are put together: one forgotten, say."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator

import numpy as np

from autograder.mutants.calls import name_of
from autograder.mutants.operators import Change
from autograder.mutants.places import Place, is_self

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


def chosen(place: Place) -> Iterator[Change]:
    """An option that a part is made with has the other value."""
    match place.node:
        case ast.Constant(value=bool() as value) as node if isinstance(place.parent, ast.keyword):
            yield Change("chosen", node, ast.Constant(not value))


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


# In methods; `not_passed` and `chosen` are for where an object is made as well.
OF_PARTS: tuple[Callable[[Place], Iterator[Change]], ...] = (
    *(skipped, nones, order_of_calls, around, negated, exchanged, handed_on, some, one_of_a_sum),
    *(truth, everywhere, entry, all_reductions, in_diagonals, weights),
)
