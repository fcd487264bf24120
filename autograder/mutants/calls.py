"""Changes of calls: other functions, arguments that are swapped or left out, no call at all."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from autograder.mutants.names import BUILT_IN, OTHER

# The order of their arguments says nothing.
COMMUTATIVE = frozenset({"maximum", "minimum", "max", "min", "add", "multiply", "swapaxes"})
COPIES = frozenset({"copy", "list", "dict", "tuple", "array", "asarray", "ascontiguousarray"})
TRANSPOSES = frozenset({"swapaxes", "transpose"})
# Methods that give their object in another form, and functions that do so with their argument.
OTHER_FORM = frozenset({"reshape", "ravel", "flatten", "squeeze", "strip", "abs", "sorted"})


def method(node: ast.expr) -> Iterator[ast.expr]:
    """Another function of the same kind: `max` for `min`."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=args, keywords=keywords):
            if name in OTHER:
                func: ast.expr = ast.Attribute(value, OTHER[name], ast.Load())
                yield ast.Call(func, args, keywords)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            if name in BUILT_IN:
                yield ast.Call(ast.Name(OTHER[name], ast.Load()), args, keywords)


def swapped(node: ast.expr) -> Iterator[ast.expr]:
    """Two neighbouring arguments change places."""
    if not isinstance(node, ast.Call) or name_of(node) in COMMUTATIVE:
        return
    args = node.args
    for i in range(len(args) - 1):
        if not any(isinstance(arg, ast.Starred) for arg in args[i : i + 2]):
            order = [*args[:i], args[i + 1], args[i], *args[i + 2 :]]
            yield ast.Call(node.func, order, node.keywords)


def keyword(node: ast.expr) -> Iterator[ast.expr]:
    """An argument that is given by its name is left out."""
    if isinstance(node, ast.Call):
        for i, argument in enumerate(node.keywords):
            if argument.arg not in (None, "dtype"):
                yield without_keyword(node, i)


def dtype(node: ast.expr) -> Iterator[ast.expr]:
    """The dtype is left out, or isn't changed."""
    if not isinstance(node, ast.Call):
        return
    for i, argument in enumerate(node.keywords):
        if argument.arg == "dtype":
            yield without_keyword(node, i)
    match node:
        case ast.Call(args=[_, *_, ast.Attribute(attr="dtype")]):
            yield ast.Call(node.func, node.args[:-1], node.keywords)
        case ast.Call(func=ast.Attribute(value=value, attr="astype")):
            yield value


def copy(node: ast.expr) -> Iterator[ast.expr]:
    """No copy is made."""
    yield from undone(node, COPIES)


def transpose(node: ast.expr) -> Iterator[ast.expr]:
    """The axes stay as they are."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    yield from undone(node, TRANSPOSES)


def form(node: ast.expr) -> Iterator[ast.expr]:
    """The form stays as it is."""
    yield from undone(node, OTHER_FORM)


def undone(node: ast.expr, names: frozenset[str]) -> Iterator[ast.expr]:
    """What `names` are called on, or with: x of x.copy(), list(x) and np.array(x)."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np")) | ast.Name(), args=[arg, *_]):
            if name_of(node) in names and not isinstance(arg, ast.Starred | ast.GeneratorExp):
                yield arg
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in names:
            yield value


def name_of(node: ast.Call) -> str:
    """The last part of the name of what is called."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def without_keyword(node: ast.Call, i: int) -> ast.Call:
    return ast.Call(node.func, node.args, [*node.keywords[:i], *node.keywords[i + 1 :]])


CALLS: tuple[tuple[str, Callable[[ast.expr], Iterator[ast.expr]]], ...] = (
    ("method", method),
    ("swap", swapped),
    ("keyword", keyword),
    ("dtype", dtype),
    ("copy", copy),
    ("transpose", transpose),
    ("form", form),
)
