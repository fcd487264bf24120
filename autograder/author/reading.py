"""Reads a file of checks as Python would run it, with kinds in place of values.

It follows what a submission returned through names, collections, and the functions, fixtures and
classes of the file as they are called. Loops are gone through twice, both branches of an `if` once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from autograder.author.kinds import (
    FIXTURES,
    MEMBERS,
    OF_ARRAYS,
    OURS,
    UNKNOWN,
    Kind,
    Local,
    Own,
    Remote,
    Scope,
    Tool,
    held,
    joined,
    of_submission,
)
from autograder.author.reading_calls import call, spread
from autograder.author.reading_collections import comprehension, dictionary
from autograder.author.reading_functions import member, run_alone
from autograder.author.reading_names import bind
from course.markers import unix_newlines

ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class Reader:
    """What files of checks define, and where they touch a value of a submission.

    Attributes:
        found: line, expression, and what is done to it.
    """

    def __init__(self) -> None:
        self.found: set[tuple[int, str, str]] = set()
        self.fixtures: dict[str, Local] = {}
        self.running: list[ast.AST] = []  # functions, so that recursion ends
        self.returned: list[list[Kind]] = [[]]

    def read(self, path: Path) -> None:
        tree = ast.parse(unix_newlines(path.read_text(encoding="utf-8")))
        scope = Scope()
        self.run(tree.body, scope)
        for kind in [*scope.values()]:
            if isinstance(kind, Local):
                run_alone(self, kind)

    def touch(self, node: ast.AST, how: str) -> Kind:
        self.found.add((getattr(node, "lineno", 1), ast.unparse(node)[:80], how))
        return OURS

    def fixture(self, name: str) -> Kind:
        """What a parameter of this name is handed."""
        if name in self.fixtures:
            return run_alone(self, self.fixtures[name])
        return FIXTURES.get(name, UNKNOWN)

    # ---- statements -------------------------------------------------------------------------

    def run(self, statements: Iterable[ast.stmt], scope: Scope) -> None:
        for statement in statements:
            self.step(statement, scope)

    def step(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.FunctionDef():
                scope[node.name] = local = Local(node, scope)
                if any("fixture" in ast.unparse(one) for one in node.decorator_list):
                    self.fixtures[node.name] = local
                elif scope.around is not None:
                    run_alone(self, local)
            case ast.ClassDef():
                scope[node.name] = Local(node, scope)
            case ast.Assign():
                kind = self.see(node.value, scope)
                for target in node.targets:
                    bind(self, target, kind, scope)
            case ast.AnnAssign(value=ast.expr() as value):
                bind(self, node.target, self.see(value, scope), scope)
            case ast.AugAssign():
                kind = self.binary(node.target, node.value, scope)
                bind(self, node.target, kind, scope)
            case ast.Return(value=ast.expr() as value):
                self.returned[-1].append(self.see(value, scope))
            case ast.If():
                self.truth(node.test, scope)
                self.branches(node, scope)
            case ast.While():
                self.truth(node.test, scope)
                self.run((*node.body, *node.body, *node.orelse), scope)
            case ast.For():
                element = self.element(node.iter, self.see(node.iter, scope))
                for _ in range(2):  # what the first round binds, the second one sees
                    bind(self, node.target, element, scope)
                    self.run(node.body, scope)
                self.run(node.orelse, scope)
            case ast.Assert():
                self.truth(node.test, scope)
            case _:
                self.parts(node, scope)

    def parts(self, node: ast.AST, scope: Scope) -> None:
        """With, try, match, raise and the like: all that stands in them, in its order."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self.step(child, scope)
            elif isinstance(child, ast.expr):
                self.see(child, scope)
            else:
                self.parts(child, scope)

    def branches(self, node: ast.If, scope: Scope) -> None:
        """Both ways, from the same names; behind it they are what either way makes of them."""
        before, after = dict(scope), []
        for body in (node.body, node.orelse):
            scope.clear()
            scope.update(before)
            self.run(body, scope)
            if not (body and isinstance(body[-1], ENDS)):
                after.append(dict(scope))
        if after:
            names = dict.fromkeys(name for one in after for name in one)
            scope.update({n: joined(*(one[n] for one in after if n in one)) for n in names})

    # ---- expressions ------------------------------------------------------------------------

    def see(self, node: ast.expr, scope: Scope) -> Kind:
        """What an expression is; notes what it touches."""
        match node:
            case ast.Name():
                return scope.find(node.id) or OURS
            case ast.Attribute():
                return self.attribute(node, self.see(node.value, scope), node.attr)
            case ast.Subscript():
                return self.subscript(node, scope)
            case ast.Call():
                return call(self, node, scope)
            case ast.BinOp():
                return self.binary(node.left, node.right, scope)
            case ast.UnaryOp(op=ast.Not()):
                return self.truth(node.operand, scope)
            case ast.UnaryOp():
                return self.untouched(node.operand, scope, "computed with")
            case ast.BoolOp():
                *tested, last = node.values
                return joined(*(self.truth(v, scope) for v in tested), self.see(last, scope))
            case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
                self.parts(node, scope)  # whatever it is, nothing of it is asked
            case ast.Compare():
                for part in (node.left, *node.comparators):
                    self.untouched(part, scope, "compared")
                return OURS
            case ast.IfExp():
                self.truth(node.test, scope)
                return joined(self.see(node.body, scope), self.see(node.orelse, scope))
            case ast.FormattedValue():
                kind = self.see(node.value, scope)
                return self.touch(node.value, "put into a text") if held(kind) else OURS
            case ast.Tuple() | ast.List() | ast.Set():
                return Own(dict(enumerate(spread(self, node.elts, scope))))
            case ast.Dict():
                return dictionary(self, node, scope)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return comprehension(self, node, scope)
            case ast.Lambda():
                run_alone(self, Local(node, scope))
                return Local(node, scope)
            case ast.NamedExpr():
                kind = self.see(node.value, scope)
                bind(self, node.target, kind, scope)
                return kind
            case ast.Yield(value=ast.expr() as value):
                self.returned[-1].append(self.see(value, scope))
                return OURS
        self.parts(node, scope)
        return OURS

    def untouched(self, node: ast.expr, scope: Scope, how: str) -> Kind:
        kind = self.see(node, scope)
        return self.touch(node, how) if of_submission(kind) else OURS

    def truth(self, node: ast.expr, scope: Scope) -> Kind:
        return self.untouched(node, scope, "asked whether it is true")

    def binary(self, left: ast.expr, right: ast.expr, scope: Scope) -> Kind:
        """Numbers are computed with, our own collections are put together."""
        kinds = []
        for node in (left, right):
            kind = self.see(node, scope)
            kinds.append(self.touch(node, "computed with") if of_submission(kind) else kind)
        both = [kind for kind in kinds if isinstance(kind, Own)]
        if len(both) == 2 and not any(kind.keyed for kind in both):
            return Own({"*": joined(*(kind.every() for kind in both))})
        return joined(*kinds)

    def attribute(self, node: ast.expr, kind: Kind, name: str) -> Kind:
        if isinstance(kind, Remote):
            known = name in OF_ARRAYS
            return self.touch(node, "asked for an attribute") if known else Remote(name)
        if of_submission(kind):
            return self.touch(node, "asked for an attribute")
        if isinstance(kind, Tool):
            path = f"{kind.name}.{name}"
            return MEMBERS.get(path, Tool(path))
        if isinstance(kind, Own):
            return member(kind, name)
        return OURS

    def subscript(self, node: ast.Subscript, scope: Scope) -> Kind:
        kind = self.untouched_or_own(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            self.parts(node.slice, scope)
            return Own({"*": kind.every()}) if isinstance(kind, Own) else OURS
        self.untouched(node.slice, scope, "handed to a function")
        key = node.slice.value if isinstance(node.slice, ast.Constant) else "*"
        return kind.at(key) if isinstance(kind, Own) else OURS

    def untouched_or_own(self, node: ast.expr, scope: Scope) -> Kind:
        kind = self.see(node, scope)
        return self.touch(node, "indexed") if of_submission(kind) else kind

    def element(self, node: ast.expr, kind: Kind) -> Kind:
        """What a loop over it gives."""
        if of_submission(kind):
            return self.touch(node, "gone through")
        return kind.every() if isinstance(kind, Own) and not kind.keyed else OURS
