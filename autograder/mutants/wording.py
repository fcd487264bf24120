"""What a slip is, in a sentence for a student, with the names that everybody's code has."""

from __future__ import annotations

import ast
from collections.abc import Callable

from autograder.mutants.nouns import beside, names, of, sign
from autograder.mutants.operators import Change
from autograder.mutants.places import Place
from autograder.mutants.wording_of_arrays import WORDS as OF_ARRAYS
from autograder.mutants.wording_of_parts import WORDS as OF_PARTS


def sentence(place: Place, change: Change) -> str:
    """The sentence; empty for what can't be told in one."""
    words = WORDS[change.operator](place, change) if change.operator in WORDS else ""
    return f"It is as if in {place.function} {words}." if words else ""


def missing(what: str) -> Callable[[Place, Change], str]:
    """The part of an operation that isn't what stays."""

    def words(place: Place, change: Change) -> str:
        node, stays = change.node, change.by
        if not isinstance(node, ast.BinOp):
            return ""
        gone = node.right if stays is node.left else node.left
        if isinstance(gone, ast.Constant):
            return f"{what} {ast.unparse(gone)} were missing{beside(place, stays)}"
        found = of(place, gone) or beside(place, stays)
        return f"{what} were missing{found or one_of(place, node)}"

    return words


def one_of(place: Place, node: ast.BinOp) -> str:
    """How many there are, where none has a name; a longer sum stands around a part of it."""
    match place.parent:
        case ast.BinOp(op=op) as around if isinstance(op, type(node.op)):
            count = operands(around, type(op))
        case _:
            count = operands(node, type(node.op))
    return f", one of {count}" if count > 1 else ""


def operands(node: ast.expr, kind: type[ast.operator]) -> int:
    """The terms of a sum, the factors of a product."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, kind):
        return operands(node.left, kind) + operands(node.right, kind)
    return 1


def arithmetic(place: Place, change: Change) -> str:
    match change.node, change.by:
        case ast.BinOp(left=left, op=op, right=right), ast.BinOp(op=other):
            where = beside(place, right) or beside(place, left)
            return f"`{sign(other)}` stood where `{sign(op)}` belongs{where}"
        case ast.AugAssign(target=target, op=op), ast.AugAssign(op=other):
            return f"`{sign(other)}=` stood where `{sign(op)}=` belongs{beside(place, target)}"
    return ""


def overwrite(place: Place, change: Change) -> str:
    target = names(place, change.node.target) if isinstance(change.node, ast.AugAssign) else ""
    return f"{target or 'something'} were replaced, where something is to be added to it"


def sides(place: Place, change: Change) -> str:
    assert isinstance(change.node, ast.BinOp)
    where = beside(place, change.node.left, change.node.right)
    return f"the two sides of `{sign(change.node.op)}` were exchanged{where}"


def minus(place: Place, change: Change) -> str:
    return f"a sign were the wrong one{of(place, change.node)}"


def comparison(place: Place, change: Change) -> str:
    match change.node, change.by:
        case ast.Compare(left=left, ops=ops, comparators=right), ast.Compare(ops=others):
            for op, other in zip(ops, others, strict=True):
                if type(op) is not type(other):
                    where = beside(place, left, *right)
                    return f"`{sign(other)}` stood where `{sign(op)}` belongs{where}"
    return ""


def condition(place: Place, change: Change) -> str:
    return f"a condition were not the right one{of(place, change.node)}"


def held(words: str) -> Callable[[Place, Change], str]:
    def told(place: Place, change: Change) -> str:
        found = names(place, change.node)
        return f"the condition on {found} {words}" if found else ""

    return told


def constant(place: Place, change: Change) -> str:
    before, after = ast.unparse(change.node), ast.unparse(change.by)
    parent = place.parent
    where = f" as `{parent.arg}`" if isinstance(parent, ast.keyword) else beside(place, parent)
    return f"{after} stood where {before} belongs{where}"


def statement(place: Place, change: Change) -> str:
    match change.node:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            found = names(place, target)
            return f"{found} were not set" if found else computed(place, change.node)
        case ast.AugAssign(target=target, op=op, value=value):
            found = names(place, value) or names(place, target)
            return (
                f"{found} were not put to use"
                if found
                else f"a step with `{sign(op)}=` were missing"
            )
        case ast.Expr(value=ast.Call() as value):
            return f"this call were missing{of(place, value.func, value)}"
        case ast.Continue() | ast.Break():
            return "the loop went on where it is to stop or to pass over one"
    return ""


def computed(place: Place, node: ast.Assign | ast.AnnAssign) -> str:
    found = names(place, node.value)
    return f"a step were missing{of(place, node.value)}" if found else ""


def attribute(place: Place, change: Change) -> str:
    return f"{names(place, change.by)} stood where {names(place, change.node)} belongs"


def operand(place: Place, change: Change) -> str:
    where = beside(place, *(n for n in [place.parent] if not isinstance(n, ast.keyword)))
    return f"{names(place, change.by)} stood where {names(place, change.node)} belongs{where}"


def method(_: Place, change: Change) -> str:
    return f"`{called(change.by)}` stood where `{called(change.node)}` belongs"


def swap(place: Place, change: Change) -> str:
    if called(change.node) == "where":
        return f"True were taken for False in a condition or a mask{of(place, change.node)}"
    return f"two arguments of `{called(change.node)}` were exchanged"


def keyword(_: Place, change: Change) -> str:
    assert isinstance(change.node, ast.Call)
    assert isinstance(change.by, ast.Call)
    kept = {argument.arg for argument in change.by.keywords}
    (gone,) = [argument.arg for argument in change.node.keywords if argument.arg not in kept]
    if gone == "axis":
        return f"`{called(change.node)}` went over everything, not along an axis"
    return f"`{gone}` were not given to `{called(change.node)}`"


def unpacked(place: Place, change: Change) -> str:
    return f"two were taken for each other{of(place, change.node)}"


def axis(_: Place, change: Change) -> str:
    assert isinstance(change.by, ast.Call)
    (other,) = [ast.unparse(k.value) for k in change.by.keywords if k.arg == "axis"]
    return f"`{called(change.node)}` went along another axis, {other}"


def undone(place: Place, change: Change) -> str:
    return f"`{called(change.node)}` were not called{beside(place, change.by)}"


def called(node: ast.AST) -> str:
    """The name of what is called, `.T` as well."""
    func = node.func if isinstance(node, ast.Call) else node
    return func.attr if isinstance(func, ast.Attribute) else ast.unparse(func)


def inside(place: Place, change: Change) -> str:
    match change.node, change.by:
        case ast.Call(args=[ast.BinOp(right=right)]) as call, _:
            return f"`{called(call)}` were taken before something is added{of(place, right)}"
        case _, ast.Call(args=[ast.BinOp(right=right)]) as call:
            return f"`{called(call)}` were taken after something is added{of(place, right)}"
    return ""


WORDS: dict[str, Callable[[Place, Change], str]] = {
    "factor": missing("a factor"),
    "divisor": missing("a division"),
    "term": missing("a term"),
    "exponent": missing("an exponent"),
    "sides": sides,
    "function": undone,
    "axis": axis,
    "always": held("always held"),
    "never": held("never held"),
    "operand": operand,
    "unpacked": unpacked,
    "twice": lambda place, change: f"a factor 2 were too many{beside(place, change.node)}",
    "as it is": undone,
    "filtered": held("held for all"),
    "inside": inside,
    "other function": method,
    "arithmetic": arithmetic,
    "overwrite": overwrite,
    "sign": minus,
    "comparison": comparison,
    "condition": condition,
    "constant": constant,
    "statement": statement,
    "attribute": attribute,
    "method": method,
    "swap": swap,
    "keyword": keyword,
    "dtype": lambda *_: "the dtype were not kept: float32 is to stay float32",
    "copy": lambda place, change: f"no copy were made{of(place, change.by)}",
    "transpose": undone,
    **OF_ARRAYS,
    **OF_PARTS,
}
