"""Mutants of a module: its source with one small change, and an id that stays the same.

What is found in the syntax tree is changed in the text, so all else reads as it was written.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from autograder.mutants.operators import Change, changes
from autograder.mutants.places import Place, places

WITHOUT_BRACKETS = (ast.stmt, ast.Slice, ast.Name, ast.Call, ast.Attribute, ast.Subscript,
                    ast.Tuple, ast.List)  # fmt: skip


class Mutant(NamedTuple):
    """A module with one change.

    Attributes:
        id: module, function, operator, and which of its changes there: stable in what is
            changed elsewhere, "linear.Linear.forward:arithmetic-2".
        line: where in the module.
        before, after: the line that is changed, or several as one.
        source: the whole module with the change.
    """

    id: str
    module: str
    line: int
    before: str
    after: str
    source: str


def mutants_of(module: str, source: str) -> list[Mutant]:
    """All mutants of a module, in the order of its source: the same for the same source."""
    counts: Counter[str] = Counter()
    found = []
    for place, change, mutated in changed(source, changes):
        kind = f"{module}.{place.function}".rstrip(".") + f":{change.operator}"
        counts[kind] += 1
        id = f"{kind}-{counts[kind]}"
        found.append(Mutant(id, module, change.node.lineno, *mutated))
    return found


def changed(
    source: str, changes: Callable[[Place], Iterator[Change]]
) -> Iterator[tuple[Place, Change, Mutated]]:
    """Every change of a source that is one, and is not the same as an earlier one."""
    tree = ast.parse(source)
    text = Text(source)
    seen = {ast.dump(tree)}
    for place, change in ((p, c) for p in places(tree) for c in changes(p)):
        inside = "\n" + " " * change.node.col_offset  # for what has more lines than one
        mutated = text.replaced(change.node, written(change.by).replace("\n", inside))
        dumped = ast.dump(ast.parse(mutated.source))
        if dumped not in seen:
            seen.add(dumped)
            yield place, change, mutated


def written(by: ast.expr | ast.stmt) -> str:
    """The code of what a change puts there, in brackets where an operator may stand beside it."""
    code = ast.unparse(by)
    bare = isinstance(by, WITHOUT_BRACKETS) or (isinstance(by, ast.Constant) and code[0] != "-")
    return code if bare else f"({code})"


class Mutated(NamedTuple):
    before: str
    after: str
    source: str


class Text:
    """A source whose parts are addressed as `ast` does it: by line and by byte."""

    def __init__(self, source: str) -> None:
        self.data = source.encode()
        self.starts = [0]  # of each line, and the end of the last
        for line in self.data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def replaced(self, node: ast.expr | ast.stmt, code: str) -> Mutated:
        """The source with `code` in the place of a node."""
        last = node.end_lineno or node.lineno
        begin = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[last - 1] + (node.end_col_offset or 0)
        first_byte, last_byte = self.starts[node.lineno - 1], self.starts[last]
        after = self.data[first_byte:begin] + code.encode() + self.data[end:last_byte]
        source = self.data[:first_byte] + after + self.data[last_byte:]
        return Mutated(one_line(self.data[first_byte:last_byte]), one_line(after), source.decode())


def one_line(code: bytes) -> str:
    return " ".join(line.strip() for line in code.decode().splitlines())
