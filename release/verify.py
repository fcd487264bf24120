"""The proof that an assignment is the solution without its answers, and nothing more."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from course.config import Course
from release.branches import refuse_shallow, student_refs
from release.build import drift, module_drift, module_files
from release.files import read_tree
from release.git import Git
from release.history import History
from release.leaks import find
from release.secrets import Secrets, collect
from release.skeleton import read_source, relative

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def verify(course: Course, weeks: list[int]) -> list[str]:
    """Every problem with what is released of these weeks; leaks are looked for everywhere.

    Raises:
        CourseError: the sources themselves are wrong, or not all of the history is here.
    """
    return verify_files(course, weeks) + verify_branches(course)


def verify_files(course: Course, weeks: list[int]) -> list[str]:
    """Every problem with assignments/, as far as these weeks go; leaks are looked for everywhere.

    Raises:
        CourseError: the sources themselves are wrong.
    """
    problems = [f"drift: {line}" for line in drift(course, weeks)]
    for number in weeks:
        problems += verify_skeleton(course, number)
    return problems + find_leaks(course, collect(course))


def verify_module(course: Course, number: int, module: str) -> list[str]:
    """Every problem with one module's stub and public checks, and with nothing else.

    Raises:
        CourseError: the week has no such module, or its sources are wrong.
    """
    modules = {module: course.week(number).module(module)}
    problems = [f"drift: {line}" for line in module_drift(course, number, module)]
    problems += verify_skeleton(course, number, modules)
    return problems + find_leaks(course, collect(course), module_files(number, module))


def verify_skeleton(
    course: Course, number: int, modules: Mapping[str, tuple[str, ...]] | None = None
) -> list[str]:
    """Problems with a week's stubs: parsing, signatures, docstrings, names, import.

    Args:
        modules: these with what they define, instead of all.
    """
    problems = []
    for module, names in (modules or course.week(number).modules).items():
        stub = course.assignments / f"week_{number}" / f"{module}.py"
        name = relative(course, stub)
        if not stub.is_file():
            problems.append(f"{name}: missing. Build the week.")
            continue
        try:
            tree = ast.parse(read_source(course, stub))
        except SyntaxError as error:
            problems.append(f"{name}:{error.lineno}: not valid Python: {error.msg}.")
            continue
        source = course.solutions / f"week_{number}" / f"{module}.py"
        solution = ast.parse(read_source(course, source))
        problems += [f"{name}: {problem}" for problem in _differences(solution, tree)]
        prefix = f"week_{number}/{module}.py: "
        problems += [f"{name}: {problem}" for problem in _without_stub(tree, names, prefix)]
    return problems or _import_errors(course, number)


def find_leaks(course: Course, secrets: Secrets, places: Sequence[str] = (".",)) -> list[str]:
    """Secrets in any file of these folders, or in these files, below assignments/."""
    name = relative(course, course.assignments)
    files = read_tree(course.assignments, places)
    return [
        f"leak: {problem}"
        for path, content in files.items()
        for problem in find(f"{name}/{path}", content, secrets)
    ]


def verify_branches(
    course: Course, also: Sequence[str] = (), answers: Mapping[int, str] | None = None
) -> list[str]:
    """Every secret that can be reached from a branch or tag that students see.

    Args:
        also: branches and commits besides all that are named week_*_exercise or week_*_answer.
        answers: by week, a commit with answers that is about to be published.

    Raises:
        CourseError: not all of the history is here.
    """
    if not any((folder / ".git").exists() for folder in (course.root, *course.root.parents)):
        return []
    git, answers = Git(course.root), answers or {}
    refs = sorted({*student_refs(git), *also, *answers.values()})
    if not refs:
        return []
    refuse_shallow(git)
    history = History(git, collect(course), answers)
    return [f"leak: {problem}" for ref in refs for problem in history.problems(ref)]


def _differences(solution: ast.Module, stub: ast.Module) -> Iterator[str]:
    """Signatures and docstrings that aren't the solution's."""
    expected, actual = dict(_interface(solution, "")), dict(_interface(stub, ""))
    for name in sorted(expected.keys() - actual.keys()):
        yield f"{name} of the solution is missing."
    for name in sorted(actual.keys() - expected.keys()):
        yield f"{name} is not in the solution."
    for name in sorted(expected.keys() & actual.keys()):
        for index, part in enumerate(("signature", "docstring")):
            if expected[name][index] != actual[name][index]:
                yield f"the {part} of {name or 'the module'} differs from the solution's."


def _interface(node: ast.AST, name: str) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """Name, signature and docstring of everything that isn't inside a function."""
    if isinstance(node, (ast.Module, ast.ClassDef, *_FUNCTIONS)):
        yield name, (_signature(node), ast.get_docstring(node, clean=False))
    if isinstance(node, (ast.Module, ast.ClassDef)):
        for child in node.body:
            if isinstance(child, (ast.ClassDef, *_FUNCTIONS)):
                yield from _interface(child, f"{name}.{child.name}".removeprefix("."))


def _signature(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    fields = ("decorator_list", "bases", "keywords", "args", "returns")
    parts = [getattr(node, field, None) for field in fields]
    flat = [part for value in parts for part in (value if isinstance(value, list) else [value])]
    return " ".join([type(node).__name__, *(ast.dump(part) if part else "-" for part in flat)])


def _without_stub(tree: ast.Module, names: tuple[str, ...], prefix: str) -> Iterator[str]:
    """Classes and functions of course.toml that aren't there, or leave a student nothing to do."""
    kinds = (ast.ClassDef, *_FUNCTIONS)
    defined = {node.name: node for node in tree.body if isinstance(node, kinds)}
    for name in names:
        if name not in defined:
            yield f"{name} of course.toml is missing."
        elif not any(_raises(node, f"{prefix}{name}") for node in ast.walk(defined[name])):
            yield f"{name} has no stub. Mark its solution with ### BEGIN SOLUTION."


def _raises(node: ast.AST, name: str) -> bool:
    """Whether this is the stub's error, for the function of this name or for one in it."""
    if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args):
        return False
    message = node.exc.args[0]
    said = message.value if isinstance(message, ast.Constant) else None
    return isinstance(said, str) and f"{said}.".startswith(f"{name}.")


def _import_errors(course: Course, number: int) -> list[str]:
    """An untouched skeleton must import: its modules, in a fresh interpreter."""
    modules = [f"week_{number}.{module}" for module in course.week(number).modules]
    code = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)"
    environment = {**os.environ, "PYTHONPATH": str(course.assignments.resolve())}
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        cwd=Path(course.assignments),
        check=False,
    )
    if done.returncode == 0:
        return []
    said = done.stderr.strip().splitlines()
    return [f"{relative(course, course.assignments)}/week_{number}: doesn't import: {said[-1]}"]
