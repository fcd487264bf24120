"""Slips with arrays, their parts and loops over them: reshaped for transposed, one step beside."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from autograder.mutants.calls import TRANSPOSES, name_of
from autograder.mutants.operators import Change
from autograder.mutants.places import Place

SPREADS = frozenset({"var", "std"})
ONE = ast.Constant(1)


def numpy(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()), [*args], [])


def ones(place: Place) -> Iterator[Change]:
    """An argument is not looked at: it might as well be 1 everywhere."""
    match place.node:
        case ast.Name(id=name, ctx=ast.Load()) as node if name in place.parameters:
            if isinstance(place.parent, ast.BinOp) or is_called_float(place.parent):
                yield Change("ones", node, numpy("ones_like", node))


def is_called_float(node: ast.AST | None) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
    )


def emptied(place: Place) -> Iterator[Change]:
    """What is computed is not used: 0 or 1 stands there."""
    match place.node:
        case ast.Assign(targets=[ast.Name() as target], value=value) as node:
            for name in ("zeros_like", "ones_like"):
                by = ast.Assign([target], numpy(name, value), lineno=node.lineno)
                yield Change(name, node, by)


def twice(place: Place) -> Iterator[Change]:
    """A product or a quotient has a factor 2 too much, or a term of a sum is added twice."""
    match place.node:
        case ast.BinOp(op=ast.Mult() | ast.Div()) as node:
            yield Change("twice", node, ast.BinOp(ast.Constant(2), ast.Mult(), node))
        case ast.BinOp(left=left, op=ast.Add(), right=right) as node:
            for one, other in ((left, right), (right, left)):
                double = ast.BinOp(ast.Constant(2), ast.Mult(), other)
                yield Change("added twice", node, ast.BinOp(one, ast.Add(), double))


def reshaped(place: Place) -> Iterator[Change]:
    """The right shape, but with the entries in the order of before: reshaped, not transposed."""
    match place.node:
        case ast.Attribute(value=value, attr="T") as node:
            yield Change("reshaped", node, as_if_moved(value, node))
        case ast.Call(func=ast.Attribute(value=value)) as node if name_of(node) in TRANSPOSES:
            yield Change("reshaped", node, as_if_moved(value, node))


def as_if_moved(value: ast.expr, moved: ast.expr) -> ast.Call:
    shape = ast.Attribute(moved, "shape", ast.Load())
    return ast.Call(ast.Attribute(value, "reshape", ast.Load()), [shape], [])


def flipped(place: Place) -> Iterator[Change]:
    """The last two axes run backwards, as in a convolution that isn't a correlation."""
    match place.node:
        case ast.Attribute(value=ast.Attribute(), attr="data", ctx=ast.Load()) as node:
            back = ast.Slice(step=ast.UnaryOp(ast.USub(), ONE))
            index = ast.Tuple([ast.Constant(...), back, back], ast.Load())
            yield Change("flipped", node, ast.Subscript(node, index, ast.Load()))


def whole(place: Place) -> Iterator[Change]:
    """All of an array is taken, not a part."""
    match place.node:
        case ast.Subscript(value=value, slice=index, ctx=ast.Load()) as node if slices(index):
            yield Change("whole", node, value)


def slices(index: ast.expr) -> list[ast.Slice]:
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return [part for part in parts if isinstance(part, ast.Slice)]


def shifted(place: Place) -> Iterator[Change]:
    """All but the first, for all but the last, and the other way round."""
    match place.node:
        case ast.Slice(lower=ast.Constant(value=1), upper=None, step=None) as node:
            yield Change("shifted", node, ast.Slice(None, ast.UnaryOp(ast.USub(), ONE)))
        case ast.Slice(lower=None, upper=ast.UnaryOp(op=ast.USub(), operand=one)) as node:
            if isinstance(one, ast.Constant) and one.value == 1:
                yield Change("shifted", node, ast.Slice(ONE, None))


def index(place: Place) -> Iterator[Change]:
    """Another entry than that of this turn: the first, the one before, the next."""
    match place.node:
        case ast.Subscript(value=value, slice=ast.Name() as name, ctx=ast.Load()) as node:
            others = (
                ast.Constant(0),
                ast.BinOp(name, ast.Sub(), ONE),
                ast.BinOp(name, ast.Add(), ONE),
            )
            for other in others:
                yield Change("index", node, ast.Subscript(value, other, ast.Load()))


def loop(place: Place) -> Iterator[Change]:
    """A loop runs backwards, meets each only once, or ends where it is to pass over one."""
    match place.node:
        case ast.For(iter=values) | ast.comprehension(iter=values):
            copied = ast.Call(ast.Name("list", ast.Load()), [values], [])
            yield Change(
                "backwards", values, ast.Call(ast.Name("reversed", ast.Load()), [copied], [])
            )
            once = ast.Attribute(ast.Name("dict", ast.Load()), "fromkeys", ast.Load())
            yield Change("once", values, ast.Call(once, [values], []))
        case ast.Continue() as node:
            yield Change("ends", node, ast.Return())


def counted(place: Place) -> Iterator[Change]:
    """It is counted from 1."""
    match place.node:
        case ast.Call(func=ast.Name(id="enumerate") as func, args=[values]) as node:
            yield Change("counted", node, ast.Call(func, [values, ONE], []))
        case ast.Call(func=ast.Attribute(attr="arange"), args=[_]) as node:
            yield Change("counted", node, ast.BinOp(node, ast.Add(), ONE))


def spread(place: Place) -> Iterator[Change]:
    """Divided by one less than there are."""
    match place.node:
        case ast.Call(func=func, args=args, keywords=keywords) as node if name_of(node) in SPREADS:
            by = ast.Call(func, args, [*keywords, ast.keyword("ddof", ONE)])
            yield Change("spread", node, by)


def in_rows(place: Place) -> Iterator[Change]:
    """Another order of the entries."""
    match place.node:
        case ast.Call(func=ast.Attribute(attr="reshape") as func, args=args, keywords=[]) as node:
            order = ast.keyword("order", ast.Constant("F"))
            yield Change("order", node, ast.Call(func, args, [order]))


def matrices(place: Place) -> Iterator[Change]:
    """A factor of a matrix product is transposed."""
    match place.node:
        case ast.BinOp(left=left, op=ast.MatMult(), right=right) as node:
            if not is_transposed(right):
                yield Change("turned", node, ast.BinOp(left, ast.MatMult(), turned(right)))
            if not is_transposed(left):
                yield Change("turned", node, ast.BinOp(turned(left), ast.MatMult(), right))


def axes(place: Place) -> Iterator[Change]:
    """Two neighbouring axes in another order."""
    match place.node:
        case ast.Call(func=ast.Attribute(attr="transpose") as func, args=[*args]) as node:
            for i in range(len(args) - 1):
                order = [*args[:i], args[i + 1], args[i], *args[i + 2 :]]
                yield Change("axes", node, ast.Call(func, order, []))


def is_transposed(node: ast.expr) -> bool:
    called = isinstance(node, ast.Call) and name_of(node) in TRANSPOSES
    return called or (isinstance(node, ast.Attribute) and node.attr == "T")


def turned(node: ast.expr) -> ast.expr:
    axes: list[ast.expr] = [ast.UnaryOp(ast.USub(), ast.Constant(n)) for n in (1, 2)]
    return ast.Call(ast.Attribute(node, "swapaxes", ast.Load()), axes, [])


def inverted(place: Place) -> Iterator[Change]:
    """A mask is read the wrong way round."""
    match place.node:
        case ast.Name(id=name, ctx=ast.Load()) as node if name in place.parameters:
            if name.endswith("mask") and isinstance(place.parent, ast.Call):
                by = f"(~{name} if {name} is not None and {name}.dtype == bool else {name})"
                yield Change("inverted", node, ast.parse(by, mode="eval").body)


OF_ARRAYS: tuple[Callable[[Place], Iterator[Change]], ...] = (
    *(ones, emptied, twice, reshaped, flipped, whole, shifted, index, loop, counted, spread),
    in_rows,
    axes,
    matrices,
    inverted,
)
