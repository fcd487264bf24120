"""Wrong submissions from the wild: what people got wrong in public, as changes of the solution.

Each `week_N.toml` holds cases. A case names a fact about what somebody got wrong, says what is
wrong, and replaces whole definitions of one module of the week. `right` holds groups of words: a
right explanation has at least one of every group, and none of `wrong`.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

HERE = Path(__file__).parent
SOLUTIONS = HERE.parents[1] / "solutions"
NEW = "+"  # the target of code that is put before the module's first definition


@dataclass(frozen=True)
class Case:
    """One wrong submission: the week's solution, but for one module."""

    id: str
    week: int
    module: str
    source: str
    says: str
    right: tuple[tuple[str, ...], ...]
    wrong: tuple[str, ...]
    text: str  # of the whole module
    changes: tuple[tuple[str, str], ...]  # what was replaced, and with what

    def explained_by(self, explanation: str) -> bool:
        """Whether this explanation names the mistake."""
        said = explanation.lower()
        named = all(any(word.lower() in said for word in group) for group in self.right)
        return named and not any(word.lower() in said for word in self.wrong)


def cases() -> Iterator[Case]:
    """All cases of all weeks."""
    for path in sorted(HERE.glob("week_*.toml")):
        week = int(path.stem.removeprefix("week_"))
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            yield made(week, entry)


def made(week: int, entry: dict[str, Any]) -> Case:
    """The case that an entry of a TOML file describes."""
    changes = tuple((change["target"], change["code"]) for change in entry["replace"])
    return Case(
        id=entry["id"],
        week=week,
        module=entry["module"],
        source=entry["source"],
        says=entry["says"],
        right=tuple(map(tuple, entry["right"])),
        wrong=tuple(entry.get("wrong", ())),
        text=changed(solution(week, entry["module"]), changes),
        changes=changes,
    )


def changed(text: str, changes: Iterable[tuple[str, str]]) -> str:
    for target, code in changes:
        text = replaced(text, target, code)
    return text


def pairs(some: Sequence[Case]) -> Iterator[tuple[Case, tuple[Case, Case]]]:
    """Each case with the next one of its module that changes other definitions."""
    for place, one in enumerate(some):
        own = {target for target, _ in one.changes}
        for other in some[place + 1 :]:
            apart = own.isdisjoint(target for target, _ in other.changes)
            if (one.week, one.module) == (other.week, other.module) and apart and NEW not in own:
                text = changed(one.text, other.changes)
                yield replace(one, text=text), (one, other)
                break


def solution(week: int, module: str) -> str:
    return (SOLUTIONS / f"week_{week}" / f"{module}.py").read_text(encoding="utf-8")


def replaced(text: str, target: str, code: str) -> str:
    """The text with one definition replaced as a whole, or with new code before the first one."""
    definition = found(ast.parse(text), target)
    first, last = definition.lineno - 1, definition.end_lineno
    lines = text.splitlines()
    new = indent(dedent(code).strip("\n"), " " * definition.col_offset).splitlines()
    if target == NEW:
        new, last = [*new, "", ""], first
    return "\n".join([*lines[:first], *new, *lines[last:]]) + "\n"


def found(tree: ast.Module, target: str) -> ast.FunctionDef | ast.ClassDef:
    """The class, method or function with this dotted name; for new code the first of the module."""
    body = tree.body
    for name in target.split("."):
        definitions = [n for n in body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
        matching = definitions[:1] if name == NEW else [d for d in definitions if d.name == name]
        if not matching:
            raise LookupError(f"the solution has no {target}")
        body = matching[0].body
    return matching[0]
