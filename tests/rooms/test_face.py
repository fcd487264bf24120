"""What check files import: the standard library, NumPy, pytest, and one module of the grader."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.config import load_course

ROOT = Path(__file__).parents[2]
CHECKS = sorted(ROOT.glob("solutions/week_*/checks/*.py"))
FACE = "autograder.layers"
ALLOWED = sys.stdlib_module_names | {"numpy", "pytest"}


def strangers(text: str) -> Iterator[tuple[int, str]]:
    """Line and name of what a check file imports and has no business with."""
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        for name in names:
            if name != FACE and name.partition(".")[0] not in ALLOWED:
                yield node.lineno, name


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: "/".join(path.parts[-3:]))
def test_check_file_imports_nothing_of_the_grader_but_its_face(path: Path) -> None:
    name = path.relative_to(ROOT)
    found = [f"{name}:{line}: {what}" for line, what in strangers(path.read_text(encoding="utf-8"))]
    assert [] == found, f"fixtures and {FACE} give what a check needs, see docs/authors.md"


def test_all_check_files_are_looked_at() -> None:
    written = load_course(ROOT).written
    assert {f"week_{number}" for number in written} == {path.parts[-3] for path in CHECKS}


@pytest.mark.parametrize(
    "line",
    [
        "from autograder.layers.contract import Contract",
        "from autograder.sandbox.remote import Function",
        "from autograder import layers",
        "import autograder.parity.compare as compare",
        "import torch",
        "from oracles.layer import layer",
        "from . import test_linear",
        "def later():\n    from autograder.options import Options",
    ],
)
def test_import_of_anything_else_is_found(line: str) -> None:
    assert 1 == len(list(strangers(f"import numpy as np\n{line}\n")))


@pytest.mark.parametrize(
    "line",
    [
        "from autograder.layers import Layer, check",
        "import pytest",
        "from functools import partial",
    ],
)
def test_face_is_no_stranger(line: str) -> None:
    assert [] == list(strangers(line))
