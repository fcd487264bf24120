"""Which names a piece of code binds, and which it reads before it has bound them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

_SCOPES = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Read(NamedTuple):
    """A name that is read, and the line where."""

    name: str
    line: int


def bound_names(statements: Iterable[ast.AST]) -> set[str]:
    """The names that these statements bind in their own scope."""
    return {event for event in _events(statements) if isinstance(event, str)}


def reads(statements: Iterable[ast.AST]) -> list[Read]:
    """Every read of a name that isn't local to a function inside these statements."""
    return [event for event in _events(statements) if isinstance(event, Read)]


def reads_before_binding(statements: Iterable[ast.AST], names: Iterable[str]) -> list[Read]:
    """The reads of `names` in statements that run one after another and may bind them again."""
    unbound, found = set(names), []
    for event in _events(statements):
        if isinstance(event, str):
            unbound.discard(event)
        elif event.name in unbound:
            found.append(event)
    return found


def parameters(function: Function | ast.Lambda) -> set[str]:
    """The names of a function's parameters."""
    return {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}


def _events(statements: Iterable[ast.AST]) -> list[str | Read]:
    visitor = _Visitor()
    for statement in statements:
        visitor.visit(statement)
    return visitor.events


class _Visitor(ast.NodeVisitor):
    """Lists bindings (str) and reads (Read) in the order in which Python runs them."""

    def __init__(self) -> None:
        self.events: list[str | Read] = []

    def visit_Name(self, node: ast.Name) -> None:
        is_store = isinstance(node.ctx, ast.Store)
        self.events.append(node.id if is_store else Read(node.id, node.lineno))

    def visit_Assign(self, node: ast.Assign) -> None:
        self._visit_all(node.value, *node.targets)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.events.append(Read(node.target.id, node.lineno))
        self._visit_all(node.value, node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self._visit_all(node.value, node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._visit_all(node.value, node.target)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self._visit_all(node.iter, node.target, *node.body, *node.orelse)

    visit_AsyncFor = visit_For

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self.events.append(alias.asname or alias.name.partition(".")[0])

    visit_ImportFrom = visit_Import

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type:
            self.visit(node.type)
        if node.name:
            self.events.append(node.name)
        self._visit_all(*node.body)

    def visit_FunctionDef(self, node: Function) -> None:
        self._visit_all(*node.decorator_list, *_defaults(node))
        self._inner_scope(node.body, parameters(node))
        self.events.append(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all(*_defaults(node))
        self._inner_scope([node.body], parameters(node))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all(*node.decorator_list, *node.bases, *node.keywords)
        self._inner_scope(node.body, set())
        self.events.append(node.name)

    def generic_visit(self, node: ast.AST) -> None:
        if isinstance(node, _SCOPES):
            self._inner_scope(ast.iter_child_nodes(node), set())
            return
        for field in ("name", "rest"):  # the captures of a match statement
            if isinstance(node, ast.pattern) and isinstance(getattr(node, field, None), str):
                self.events.append(getattr(node, field))
        super().generic_visit(node)

    def _visit_all(self, *nodes: ast.AST) -> None:
        for node in nodes:
            self.visit(node)

    def _inner_scope(self, nodes: Iterable[ast.AST], local: set[str]) -> None:
        events = _events(nodes)
        local = local | {event for event in events if isinstance(event, str)}
        self.events.extend(e for e in events if isinstance(e, Read) and e.name not in local)


def _defaults(node: Function | ast.Lambda) -> list[ast.expr]:
    return [default for default in (*node.args.defaults, *node.args.kw_defaults) if default]
