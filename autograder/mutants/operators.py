"""The small changes that make mutants of a module: what each operator does to a node."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from autograder.mutants.calls import CALLS, name_of
from autograder.mutants.names import similar
from autograder.mutants.places import Place, is_self

REMOVED = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Continue, ast.Break, ast.Delete)
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
COMPARISON: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
HAVE_NO_SIGN = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp,
                ast.Compare, ast.BoolOp, ast.Constant, ast.JoinedStr)  # fmt: skip


class Change(NamedTuple):
    """A node, and what stands there instead."""

    operator: str
    node: ast.expr | ast.stmt
    by: ast.expr | ast.stmt


def changes(place: Place) -> Iterator[Change]:
    """What all operators make of one node."""
    for operator in OPERATORS:
        yield from operator(place)


# ---- operators ---------------------------------------------------------------------------------


def arithmetic(place: Place) -> Iterator[Change]:
    """`+` becomes `-` and so on; `+=` also `=`."""
    match place.node:
        case ast.BinOp(left=left, op=op, right=right) as node if type(op) in ARITHMETIC:
            yield Change("arithmetic", node, ast.BinOp(left, ARITHMETIC[type(op)](), right))
        case ast.AugAssign(target=target, op=op, value=value) as node:
            if type(op) in ARITHMETIC:
                by = ast.AugAssign(target, ARITHMETIC[type(op)](), value)
                yield Change("arithmetic", node, by)
            yield Change("overwrite", node, ast.Assign([target], value, lineno=node.lineno))
        case ast.UnaryOp(op=ast.USub(), operand=operand) as node:
            yield Change("sign", node, operand)


def comparison(place: Place) -> Iterator[Change]:
    """The bound itself changes sides, or the comparison is turned around."""
    node = place.node
    if not isinstance(node, ast.Compare):
        return
    for i, op in enumerate(node.ops):
        for other in COMPARISON[type(op)]:
            ops = [*node.ops[:i], other(), *node.ops[i + 1 :]]
            yield Change("comparison", node, ast.Compare(node.left, ops, node.comparators))


def boolean(place: Place) -> Iterator[Change]:
    """`and` becomes `or`, `not` goes, and so does one side of either."""
    match place.node:
        case ast.BoolOp(op=op, values=values) as node:
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield Change("boolean", node, ast.BoolOp(other, values))
            for i in range(len(values)):
                rest = values[:i] + values[i + 1 :]
                yield Change("boolean", node, ast.BoolOp(op, rest) if len(rest) > 1 else rest[0])
        case ast.UnaryOp(op=ast.Not(), operand=operand) as node:
            yield Change("boolean", node, operand)


def condition(place: Place) -> Iterator[Change]:
    """A condition is negated. (Where another operator does just that, it isn't done twice.)"""
    match place.node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            tests = [test]
        case ast.comprehension(ifs=tests):
            pass
        case _:
            return
    for test in tests:
        negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        if not negated and not (isinstance(test, ast.Compare) and len(test.ops) == 1):
            yield Change("condition", test, ast.UnaryOp(ast.Not(), test))


def constant(place: Place) -> Iterator[Change]:
    """A number is one more or less, or half; True is False."""
    node, value = place.node, number(place.node)
    if value is None or (place.parent is not None and number(place.parent) is not None):
        return
    others: tuple[float, ...]
    if isinstance(value, bool):
        others = (not value,)
    elif isinstance(value, int):
        # Whatever negative number is among a shape means the same to NumPy.
        shape = isinstance(place.parent, ast.Call) and name_of(place.parent) == "reshape"
        others = (value + 1,) if value < 0 and shape else (value + 1, value - 1)
    else:
        others = (value + 1.0, value / 2) if value else (1.0,)
    for other in others:
        assert isinstance(node, ast.expr)  # as every number is
        yield Change("constant", node, ast.Constant(other))


def number(node: ast.AST | None) -> float | None:
    """The value of a number, also a negative one; None of all else."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
    return None


def text(place: Place) -> Iterator[Change]:
    """A string that something is compared with, a default, or the value of a name is another."""
    match place.node:
        case ast.Compare() as node:
            found = list(ast.walk(node))
        case ast.arguments(defaults=defaults, kw_defaults=more):
            found = [*defaults, *filter(None, more)]
        case ast.Assign(value=value):
            found = [value]
        case _:
            return
    for inner in found:
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield Change("text", inner, ast.Constant("" if inner.value else "x"))


def statement(place: Place) -> Iterator[Change]:
    """A statement is left out."""
    node = place.node
    if isinstance(node, ast.Raise):
        yield Change("raise", node, ast.Pass())
    elif isinstance(node, REMOVED) and (not isinstance(node, ast.AnnAssign) or node.value):
        yield Change("statement", node, ast.Pass())


def returned(place: Place) -> Iterator[Change]:
    """What is returned has the other sign, one part at a time."""
    if not isinstance(place.node, ast.Return) or place.node.value is None:
        return
    value = place.node.value
    for part in value.elts if isinstance(value, ast.Tuple) else [value]:
        if not isinstance(part, (*HAVE_NO_SIGN, ast.Starred)):
            yield Change("return", part, ast.UnaryOp(ast.USub(), part))


def sliced(place: Place) -> Iterator[Change]:
    """A slice begins one later, ends one earlier, or has no step. (`constant` moves numbers.)"""
    node = place.node
    if not isinstance(node, ast.Slice):
        return
    lower, upper, step, one = node.lower, node.upper, node.step, ast.Constant(1)
    if lower is None:
        yield Change("slice", node, ast.Slice(one, upper, step))
    elif number(lower) is None:
        yield Change("slice", node, ast.Slice(ast.BinOp(lower, ast.Add(), one), upper, step))
    if upper is None:
        yield Change("slice", node, ast.Slice(lower, ast.UnaryOp(ast.USub(), one), step))
    elif number(upper) is None:
        yield Change("slice", node, ast.Slice(lower, ast.BinOp(upper, ast.Sub(), one), step))
    if step is not None:
        yield Change("slice", node, ast.Slice(lower, upper, None))


def attribute(place: Place) -> Iterator[Change]:
    """Of two attributes with similar names, such as weight_ih and weight_hh, the other one."""
    node = place.node
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return
    called = isinstance(place.parent, ast.Call) and place.parent.func is node
    if is_self(node.value) and not called:
        for other in sorted(place.attributes):
            if similar(node.attr, other):
                yield Change("attribute", node, ast.Attribute(node.value, other, ast.Load()))


def call(place: Place) -> Iterator[Change]:
    """What is done to a call, or to what is like one."""
    if isinstance(place.node, ast.expr):
        for name, function in CALLS:
            for by in function(place.node):
                yield Change(name, place.node, by)


OPERATORS: tuple[Callable[[Place], Iterator[Change]], ...] = (
    *(arithmetic, comparison, boolean, condition, constant, text),
    *(statement, returned, sliced, attribute, call),
)
