"""The sentences of slips in how parts are put together."""

from __future__ import annotations

import ast
from collections.abc import Callable

from autograder.mutants.calls import name_of
from autograder.mutants.nouns import known, names, of
from autograder.mutants.operators import Change
from autograder.mutants.places import Place

Words = Callable[[Place, Change], str]


def part(place: Place, node: ast.AST) -> str:
    """What is called, with what it belongs to as far as that has a name: `norm.forward`."""
    if not isinstance(node, ast.Call):
        return ""
    owner = known(place, node.func.value) if isinstance(node.func, ast.Attribute) else []
    return f"`{'.'.join([*owner[:1], name_of(node)])}`"


def skipped(place: Place, change: Change) -> str:
    return f"{part(place, change.node)} were not called, or what it gives were not used"


def not_passed(place: Place, change: Change) -> str:
    assert isinstance(change.node, ast.Call)
    assert isinstance(change.by, ast.Call)
    after = [ast.dump(arg) for arg in change.by.args]
    gone = [i for i, arg in enumerate(change.node.args) if ast.dump(arg) not in after[i : i + 1]]
    what = names(place, change.node.args[gone[0]]) or f"argument {gone[0] + 1}"
    return f"{what} were not passed to {part(place, change.node)}"


def none(place: Place, change: Change) -> str:
    assert isinstance(change.node, ast.Tuple)
    assert isinstance(change.by, ast.Tuple)
    kept = [ast.dump(one) for one in change.by.elts]
    gone = names(place, *(one for one in change.node.elts if ast.dump(one) not in kept))
    return f"{gone} were not handed on" if gone else ""


def first(place: Place, change: Change) -> str:
    outer, inner = part(place, change.node), part(place, change.by)
    return f"{outer} were called before {inner}, not after it"


def before(place: Place, change: Change) -> str:
    return f"{part(place, change.node)} were called before something is added, not after that"


def after(place: Place, change: Change) -> str:
    return f"{part(place, change.by)} were called after something is added, not before that"


def negated(place: Place, change: Change) -> str:
    return f"what {part(place, change.node)} is given had the other sign"


def mixed_up(_: Place, change: Change) -> str:
    pairs = zip(attributes(change.node), attributes(change.by), strict=True)
    one, other = sorted(next(pair for pair in pairs if pair[0] != pair[1]))
    return f"`{one}` and `{other}` were taken for each other"


def attributes(node: ast.AST) -> list[str]:
    return [inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)]


def handed_on(place: Place, change: Change) -> str:
    what = names(place, change.by)
    return f"{what} were returned as it came, where something is to be computed from it"


def loop(words: str) -> Words:
    def told(place: Place, change: Change) -> str:
        found = names(place, change.node)
        return f"a loop met {words} of {found}" if found else ""

    return told


def one_of(place: Place, change: Change) -> str:
    assert isinstance(change.node, ast.Call)
    assert isinstance(change.by, ast.Subscript)
    which = "first" if ast.unparse(change.by.slice) == "0" else "last"
    where = of(place, change.by.value)
    return f"only the {which} were taken, where `{name_of(change.node)}` goes over all{where}"


def truth(place: Place, change: Change) -> str:
    assert isinstance(change.node, ast.Compare)
    found = names(place, change.node.left)
    return f"{found} were asked for its truth, so that 0 is taken for None" if found else ""


def held(words: str) -> Words:
    def told(place: Place, change: Change) -> str:
        found = names(place, change.node)
        return f"the condition on {found} held {words}" if found else ""

    return told


def with_zero(place: Place, change: Change) -> str:
    assert isinstance(change.node, ast.Compare)
    found = names(place, *change.node.comparators)
    return f"something were compared with 0, not with {found}" if found else ""


def entry(place: Place, change: Change) -> str:
    assert isinstance(change.node, ast.Subscript)
    assert isinstance(change.by, ast.Subscript)
    pairs = zip(elements(change.node), elements(change.by), strict=True)
    old, new = next((a, b) for a, b in pairs if a != b)
    where = of(place, change.node.value)
    return f"entry {new} along an axis stood where entry {old} belongs{where}"


def elements(node: ast.Subscript) -> list[str]:
    assert isinstance(node.slice, ast.Tuple)
    return [ast.unparse(one) for one in node.slice.elts]


def averaged(_: Place, change: Change) -> str:
    some = "all but the first" if "1:]" in ast.unparse(change.by) else "all"
    return f"the mean of {some} along an axis stood where a single entry belongs"


def chosen(place: Place, change: Change) -> str:
    assert isinstance(place.parent, ast.keyword)
    return f"`{place.parent.arg}` were {ast.unparse(change.by)} for a part that it makes"


def diagonal(_: Place, change: Change) -> str:
    assert isinstance(change.by, ast.Call)
    return f"`{name_of(change.by)}` began at another diagonal, {ast.unparse(change.by.args[1])}"


def triangle(_: Place, change: Change) -> str:
    assert isinstance(change.node, ast.Call)
    assert isinstance(change.by, ast.Call)
    return f"`{name_of(change.by)}` stood where `{name_of(change.node)}` belongs"


def renamed(_: Place, change: Change) -> str:
    text = ast.unparse(change.by)
    other, name = ("mean", "sum") if ".mean(" in text else ("sum", "mean")
    return f"`{other}` stood wherever `{name}` belongs"


WORDS: dict[str, Words] = {
    "skipped": skipped,
    "not passed": not_passed,
    "none": none,
    "nones": none,
    "first": first,
    "before": before,
    "after": after,
    "negated": negated,
    "mixed up": mixed_up,
    "handed on": handed_on,
    "the first": loop("only the first"),
    "the last": loop("only the last"),
    "not the last": loop("all but the last"),
    "one of": one_of,
    "truth": truth,
    "everywhere": held("everywhere"),
    "nowhere": held("nowhere"),
    "with 0": with_zero,
    "entry": entry,
    "averaged": averaged,
    "all": renamed,
    "chosen": chosen,
    "diagonal": diagonal,
    "triangle": triangle,
    "only first": lambda place, change: f"only the first of {names(place, change.node)} were used",
    "rolled": lambda place, change: (
        f"each of {names(place, change.node)} stood one beside its place"
    ),
}
