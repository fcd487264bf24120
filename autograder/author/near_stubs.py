"""Near-stubs: solutions whose functions do next to nothing from some point on.

A class's functions are kept right up to a point, `__init__` first and the others as they stand in
the file, and those behind it are filled with one line that computes nothing. A function of a module
is a class of one. All classes of a module are treated alike, so one submission tries them all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from course.markers import find_regions, unix_newlines

STUB = "stays a stub"
# What a function does instead of its work. `arguments` are its own, without self.
LIKE = """\
    import numpy as np
    arrays = [value for value in arguments if isinstance(value, np.ndarray)]
"""
FILLS = {
    "returns None": "    return None",
    "returns zeros": f"{LIKE}    return np.zeros_like(arrays[0]) if arrays else 0.0",
    "returns ones": f"{LIKE}    return np.ones_like(arrays[0]) if arrays else 1.0",
    "returns its input": "    return arguments[0] if arguments else None",
    "returns its second argument": "    return arguments[1] if len(arguments) > 1 else None",
    "raises ValueError": '    raise ValueError("not written")',
    "raises TypeError": '    raise TypeError("not written")',
    STUB: '    raise NotImplementedError("not written")',
}


@dataclass(frozen=True)
class NearStub:
    """How many functions of each class are right, and what those behind them do."""

    kept: int
    fill: str

    @property
    def baseline(self) -> NearStub:
        """The same parts with stubs in the rest: what these parts earn by themselves."""
        return NearStub(self.kept, STUB)


class Solution:
    """The solution of a module, cut at the functions that students write."""

    def __init__(self, text: str, filename: str) -> None:
        self.text, self.regions = unix_newlines(text), find_regions(text, filename)

    @cached_property
    def classes(self) -> dict[str, list[str]]:
        """The functions with a region by what they stand in: the order in which they are kept."""
        found: dict[str, list[str]] = {}
        for name in dict.fromkeys(region.qualname for region in self.regions):
            found.setdefault(name.rpartition(".")[0] or name, []).append(name)
        return {owner: sorted(names, key=is_not_init) for owner, names in found.items()}

    @cached_property
    def arguments(self) -> dict[str, str]:
        """What each function hands on of its arguments, as source, by its dotted name."""
        return dict(arguments_of(ast.parse(self.text)))

    def near_stubs(self) -> list[NearStub]:
        depth = max(map(len, self.classes.values()), default=0)
        return [NearStub(kept, fill) for kept in range(depth) for fill in FILLS]

    def right(self, stub: NearStub) -> set[str]:
        """The functions that this near-stub keeps."""
        return {name for names in self.classes.values() for name in names[: stub.kept]}

    def with_stub(self, stub: NearStub) -> str:
        """The source of a near-stub."""
        lines, right = self.text.split("\n"), self.right(stub)
        for region in reversed(self.regions):
            if region.qualname not in right:
                line = region.indent + self.instead(region.qualname, stub.fill)
                lines[region.begin_line - 1 : region.end_line] = [line]
        helper = f"\n\ndef _near_stub(*arguments):\n{FILLS[stub.fill]}\n"
        return "\n".join(lines) + helper

    def instead(self, name: str, fill: str) -> str:
        if name.endswith(".__init__") and fill.startswith("returns"):
            return "return"  # Python lets it return nothing else
        return f"return _near_stub({self.arguments[name]})"


def is_not_init(name: str) -> bool:
    return not name.endswith(".__init__")


def arguments_of(node: ast.AST, name: str = "") -> Iterator[tuple[str, str]]:
    """The functions below a node, nested ones too, and their arguments without self."""
    for child in ast.iter_child_nodes(node):
        inner = name
        if isinstance(child, (ast.ClassDef, ast.FunctionDef)):
            inner = f"{name}.{child.name}".removeprefix(".")
        if isinstance(child, ast.FunctionDef):
            decorators = [ast.unparse(decorator) for decorator in child.decorator_list]
            bound = isinstance(node, ast.ClassDef) and "staticmethod" not in decorators
            taken = [argument.arg for argument in (*child.args.posonlyargs, *child.args.args)]
            rest = [f"*{child.args.vararg.arg}"] if child.args.vararg else []
            rest += [argument.arg for argument in child.args.kwonlyargs]
            yield inner, ", ".join([*taken[bound:], *rest])
        yield from arguments_of(child, inner)
