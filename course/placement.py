"""Where a region stands in the code: whole statements of one body, and no name left undefined."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from course.names import Read, bound_names, parameters, reads, reads_before_binding
from course.regions import SOLUTION, Problem, Region

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_HOMES = (ast.Module, ast.ClassDef, *_FUNCTIONS)


class Home(NamedTuple):
    """The body that a region's statements belong to, and the dotted name of its owner."""

    owner: ast.AST
    body: list[ast.stmt]
    qualname: str


def place(
    tree: ast.Module, regions: list[Region], code_lines: set[int]
) -> tuple[list[Region], list[Problem]]:
    """The regions with their qualified names, and what is wrong with where they stand."""
    homes = list(_homes(tree, ""))
    placed: list[Region] = []
    problems: list[Problem] = []
    for region in regions:
        home, problem = _home(homes, region, code_lines)
        if home:
            placed.append(region._replace(qualname=home.qualname))
            problems += _problems(home, region, regions)
        else:
            problems.append((region.begin_line, f"the {region.kind} region {problem}"))
    return placed, problems


def _homes(node: ast.AST, qualname: str) -> Iterator[Home]:
    """Every list of statements in the tree, from the outside to the inside."""
    if isinstance(node, (ast.ClassDef, *_FUNCTIONS)):
        qualname = f"{qualname}.{node.name}".removeprefix(".")
    for _, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield Home(node, value, qualname)
    for child in ast.iter_child_nodes(node):
        yield from _homes(child, qualname)


def _home(homes: list[Home], region: Region, code_lines: set[int]) -> tuple[Home | None, str]:
    """The body that holds all of the region's code, or what keeps it from having one."""
    code = code_lines.intersection(range(region.begin_line + 1, region.end_line))
    if not code:
        return None, "is empty. Fill it, or take the markers out."
    for home in homes:
        inside = inside_region(home.body, region)
        if inside:
            break
    else:
        return None, "cuts through a statement. Put the markers around whole statements."
    if code - {line for statement in inside for line in _lines(statement)}:
        return None, "crosses the boundary of a block. Keep it within the body of one function."
    return _checked_home(home, inside, region)


def _checked_home(home: Home, inside: list[ast.stmt], region: Region) -> tuple[Home | None, str]:
    if all(_does_nothing(statement) for statement in inside):
        return None, "is empty: it does nothing. Fill it, or take the markers out."
    if len(region.indent) != inside[0].col_offset:
        return None, "is not indented like its code. Indent the markers like the statements."
    if not isinstance(home.owner, _HOMES):
        return None, "stands inside a smaller block. Move it to the level of the function's body."
    if region.kind == SOLUTION and not isinstance(home.owner, _FUNCTIONS):
        return None, "is not inside a function. Move it into one."
    return home, ""


def _problems(home: Home, region: Region, regions: list[Region]) -> Iterator[Problem]:
    """What goes wrong once the regions are cut out of the body."""
    inside = inside_region(home.body, region)
    kept = [s for s in home.body if not _is_cut(s.lineno, regions)]
    if region.kind == SOLUTION and _is_docstring(home, inside[0]):
        yield region.begin_line, "the SOLUTION region covers the docstring. Begin below it."
    if region.kind != SOLUTION and _is_bare(home, kept):
        name = f"the {region.kind} region leaves {home.qualname} without code."
        yield region.begin_line, f"{name} Put the markers around all of {home.qualname}."
    for name, line in _left_undefined(home, kept, inside, region):
        if not _is_cut(line, regions):
            place = f"the {region.kind} region of line {region.begin_line}"
            yield line, f'"{name}" is defined only in {place}. Let that region cover its use too.'


def _left_undefined(
    home: Home, kept: list[ast.stmt], inside: list[ast.stmt], region: Region
) -> list[Read]:
    """Reads of names that only the region binds: in a function below it, in a module anywhere."""
    if isinstance(home.owner, _FUNCTIONS):
        above = [s for s in kept if s.lineno < region.begin_line]
        below = [s for s in kept if s.lineno > region.end_line]
        names = bound_names(inside) - bound_names(above) - parameters(home.owner)
        return reads_before_binding(below, names)
    if isinstance(home.owner, ast.Module):
        names = bound_names(inside) - bound_names(kept)
        return [read for read in reads(kept) if read.name in names]
    return []


def inside_region(statements: Iterable[ast.stmt], region: Region) -> list[ast.stmt]:
    """The statements that stand wholly between the markers."""
    begin, end = region.begin_line, region.end_line
    return [s for s in statements if begin < _lines(s)[0] and _lines(s)[-1] < end]


def _lines(statement: ast.stmt) -> range:
    """The lines of a statement, decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(d.lineno for d in decorators)])
    return range(first, (statement.end_lineno or statement.lineno) + 1)


def _does_nothing(statement: ast.stmt) -> bool:
    is_constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_constant or isinstance(statement, ast.Pass)


def _is_bare(home: Home, kept: list[ast.stmt]) -> bool:
    """A function or class with nothing left but its docstring."""
    return not isinstance(home.owner, ast.Module) and all(_is_docstring(home, s) for s in kept)


def _is_docstring(home: Home, statement: ast.stmt) -> bool:
    return statement is home.body[0] and (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def imports_to_cut(tree: ast.Module, regions: list[Region]) -> Iterator[tuple[range, str]]:
    """Imports at the top that only code in the regions uses: their lines, and what stays."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    unused = {name.id for name in names if _is_cut(name.lineno, regions)}
    unused -= {name.id for name in names if not _is_cut(name.lineno, regions)}
    for statement in tree.body:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            continue
        is_shared = sum(statement.lineno in _lines(other) for other in tree.body) > 1
        if is_shared or _is_cut(statement.lineno, regions):
            continue
        if bound_names([statement]) & unused:
            kept = [a for a in statement.names if _imported_name(a) not in unused]
            statement.names = kept
            yield _lines(statement), ast.unparse(statement) if kept else ""


def _imported_name(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _is_cut(line: int, regions: list[Region]) -> bool:
    return any(region.begin_line < line < region.end_line for region in regions)
