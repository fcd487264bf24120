"""Reads displays and comprehensions of a file of checks: collections of the check's own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from autograder.author.kinds import Own, Scope, of_submission
from autograder.author.reading_names import bind

if TYPE_CHECKING:
    from autograder.author.reading import Reader


def dictionary(reader: Reader, node: ast.Dict, scope: Scope) -> Own:
    """What it holds by its keys, and what another one adds that is unpacked into it."""
    own = Own(keyed=True)
    for key, value in zip(node.keys, node.values, strict=True):
        kind = reader.see(value, scope)
        if key is None:
            more = kind if isinstance(kind, Own) else Own()
            if of_submission(kind):
                reader.touch(value, "unpacked")
            own.items |= more.items
        else:
            reader.untouched(key, scope, "handed to a function")
            own.items[key.value if isinstance(key, ast.Constant) else "*"] = kind
    return own


def comprehension(
    reader: Reader, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: Scope
) -> Own:
    """One kind for all of its elements."""
    inner = Scope(scope)
    for loop in node.generators:
        bind(reader, loop.target, reader.element(loop.iter, reader.see(loop.iter, inner)), inner)
        for test in loop.ifs:
            reader.truth(test, inner)
    if isinstance(node, ast.DictComp):
        reader.untouched(node.key, inner, "handed to a function")
        return Own({"*": reader.see(node.value, inner)}, keyed=True)
    return Own({"*": reader.see(node.elt, inner)})
