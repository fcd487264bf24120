"""Slips: the changes of a solution that people make, each with a sentence that says what it is.

Mutants ask whether checks notice; slips explain. So there are kinds more, such as a factor that is
left out, and none that nobody could put in words.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from autograder.mutants.calls import name_of
from autograder.mutants.mutants import changed
from autograder.mutants.operators import (
    Change,
    arithmetic,
    attribute,
    call,
    comparison,
    condition,
    constant,
    statement,
)
from autograder.mutants.places import Place
from autograder.mutants.slips_of_arrays import OF_ARRAYS
from autograder.mutants.slips_of_entries import OF_ENTRIES
from autograder.mutants.slips_of_parts import OF_PARTS, chosen, not_passed
from autograder.mutants.slips_of_text import OF_TEXT
from autograder.mutants.wording import sentence

# What is undone if it is forgotten: np.sqrt(x) is x then.
FUNCTIONS = frozenset({"sqrt", "exp", "log", "square", "tanh", "sin", "cos", "abs", "maximum",
                       "minimum", "clip", "where", "broadcast_to"})  # fmt: skip
OTHERS = {"sqrt": ("square",), "square": ("sqrt",), "log": ("log10", "log2", "exp"),
          "exp": ("exp2", "log"), "sin": ("cos",), "cos": ("sin",)}  # fmt: skip
REDUCTIONS = frozenset({"sum", "mean", "max", "min", "var", "std", "argmax"})
AXES = (0, 1, -1, -2)
Operator = Callable[[Place], Iterator[Change]]
IN_ANY_ORDER = (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr)


class Slip(NamedTuple):
    """A module with a slip in it."""

    function: str  # the qualified name of the function or class that it is in
    hint: str
    source: str


def slips_of(source: str) -> list[Slip]:
    """All slips of a module that can be told, in the order of its source."""
    found = []
    for place, change, mutated in changed(source, slips):
        here = within(place)
        if here.function and (hint := sentence(here, change)):
            found.append(Slip(here.function, hint, repeatable(mutated.source)))
    return found


def within(place: Place) -> Place:
    """Where a method is changed as a whole, the place is in it."""
    if not isinstance(place.node, ast.FunctionDef):
        return place
    return place._replace(function=f"{place.function}.{place.node.name}".lstrip("."))


def repeatable(source: str) -> str:
    """A module in which what nobody writes is zero, and not what happens to be in memory."""
    return source.replace("np.empty", "np.zeros")


def slips(place: Place) -> Iterator[Change]:
    for operator in OPERATORS:
        yield from operator(place)


def left_out(place: Place) -> Iterator[Change]:
    """A factor, a divisor, a term or an exponent is left out."""
    match place.node:
        case ast.BinOp(left=left, op=ast.Mult() | ast.MatMult(), right=right) as node:
            yield Change("factor", node, left)
            yield Change("factor", node, right)
        case ast.BinOp(left=left, op=ast.Div() | ast.FloorDiv()) as node:
            yield Change("divisor", node, left)
        case ast.BinOp(left=left, op=ast.Add(), right=right) as node:
            yield Change("term", node, left)
            yield Change("term", node, right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right) as node:
            yield Change("term", node, left)
            yield Change("term", node, ast.UnaryOp(ast.USub(), right))
        case ast.BinOp(left=left, op=ast.Pow()) as node:
            yield Change("exponent", node, left)


def exchanged(place: Place) -> Iterator[Change]:
    """The two sides of an operator change places."""
    match place.node:
        case ast.BinOp(left=left, op=op, right=right) as node if not isinstance(op, IN_ANY_ORDER):
            yield Change("sides", node, ast.BinOp(right, op, left))


def function(place: Place) -> Iterator[Change]:
    """A function is forgotten: of np.sqrt(x) there stays x."""
    match place.node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name), args=[*args]) as node:
            if name in FUNCTIONS:
                for arg in args:
                    yield Change("function", node, arg)


def other_function(place: Place) -> Iterator[Change]:
    """A function is taken for its inverse, or for one with another base."""
    match place.node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np") as np, attr=name)) as node:
            for other in OTHERS.get(name, ()):
                func = ast.Attribute(np, other, ast.Load())
                yield Change("other function", node, ast.Call(func, node.args, node.keywords))


def inside(place: Place) -> Iterator[Change]:
    """A term is added before a function, not behind it; or the other way round: eps and a root."""
    match place.node:
        case ast.Call(func=func, args=[ast.BinOp(left=left, op=ast.Add(), right=right)]) as node:
            if name_of(node) in FUNCTIONS:
                behind = ast.BinOp(ast.Call(func, [left], []), ast.Add(), right)
                yield Change("inside", node, behind)
        case ast.BinOp(left=ast.Call(func=func, args=[arg]), op=ast.Add(), right=right) as node:
            if isinstance(node.left, ast.Call) and name_of(node.left) in FUNCTIONS:
                before = ast.Call(func, [ast.BinOp(arg, ast.Add(), right)], [])
                yield Change("inside", node, before)


def axis(place: Place) -> Iterator[Change]:
    """A reduction goes along another axis."""
    match place.node:
        case ast.Call(func=func, args=args, keywords=keywords) as node if reduces(node):
            for i, argument in enumerate(keywords):
                if argument.arg == "axis":
                    for other in AXES:
                        new = ast.keyword("axis", ast.Constant(other))
                        all_ = [*keywords[:i], new, *keywords[i + 1 :]]
                        yield Change("axis", node, ast.Call(func, args, all_))


def reduces(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in REDUCTIONS


def branch(place: Place) -> Iterator[Change]:
    """A condition that always holds, or never."""
    match place.node:
        case ast.If(test=test) | ast.IfExp(test=test):
            yield Change("always", test, ast.Constant(True))
            yield Change("never", test, ast.Constant(False))


def operand(place: Place) -> Iterator[Change]:
    """The argument of the function that is before or behind it stands there."""
    node, names = place.node, place.parameters
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or makes(place):
        return
    if node.id in names:
        i = names.index(node.id)
        for other in (*names[max(0, i - 1) : i], *names[i + 1 : i + 2]):
            yield Change("operand", node, ast.Name(other, ast.Load()))


def makes(place: Place) -> bool:
    return place.function.endswith("__init__")


def in_methods(operator: Operator) -> Operator:
    """Not where an object is made: there are its options, which are told in other ways."""
    return lambda place: iter(()) if makes(place) else operator(place)


def number(place: Place) -> Iterator[Change]:
    """Another number in a formula, or for an argument; those of a shape are seen at once."""
    if isinstance(place.parent, ast.BinOp | ast.keyword):
        yield from constant(place)


def called(place: Place) -> Iterator[Change]:
    """Of the changes of calls those that people make without seeing it at once."""
    for change in call(place):
        of_numpy = isinstance(change.node, ast.Call) and ast.unparse(change.node).startswith("np.")
        if change.operator != "form" and (change.operator != "swap" or of_numpy):
            yield change


def left_undone(place: Place) -> Iterator[Change]:
    """A statement is left out, but for a name that the next one needs: that is an exception."""
    match place.node:
        case ast.Assign(targets=[ast.Name() | ast.Tuple()]) | ast.AnnAssign(target=ast.Name()):
            return
        case ast.Raise():
            return
    yield from statement(place)


def unpacked(place: Place) -> Iterator[Change]:
    """Two names are unpacked in the wrong order."""
    match place.node:
        case ast.Assign(targets=[ast.Tuple(elts=[first, second])], value=value) as node:
            targets: list[ast.expr] = [ast.Tuple([second, first], ast.Store())]
            yield Change("unpacked", node, ast.Assign(targets, value, lineno=node.lineno))


OPERATORS: tuple[Operator, ...] = (
    *(left_out, exchanged, function, other_function, inside, axis, branch, operand, unpacked),
    *(in_methods(number), in_methods(called), arithmetic, comparison, condition, left_undone),
    *(attribute, *OF_ARRAYS, *OF_TEXT, not_passed, chosen, *map(in_methods, OF_PARTS + OF_ENTRIES)),
)
