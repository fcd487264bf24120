"""The contracts of `make check` bite: a forbidden import in a copy breaks each of them."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = [contract["name"] for contract in PYPROJECT["tool"]["importlinter"]["contracts"]]

ROOMS = "The rooms of the engine, from the top to the bottom: each imports only from below"
INSIDE = "What runs beside a submission holds the standard library and NumPy, nothing of ours"
APART = "Nothing imports what runs beside a submission"
LAYERS = "The engine knows nothing of neural networks: nothing imports the part for layers"
RELEASE = "release and autograder know nothing of each other"
COURSE = "course is read by both and imports neither"
TORCH = "torch is imported by a course's oracles alone"

# contract, the file that gets a line, the line
FORBIDDEN = [
    (ROOMS, "autograder/submission/intake.py", "from autograder.grading import grade"),
    (ROOMS, "autograder/parity/compare.py", "import autograder.checking.run"),
    (ROOMS, "autograder/results.py", "from autograder.sandbox.protocol import clean"),
    (ROOMS, "autograder/checking/fixtures.py", "def later():\n    import autograder.grading"),
    (ROOMS, "autograder/new_room/__init__.py", "import autograder.results"),
    (INSIDE, "autograder/worker/worker.py", "from autograder.parity import diagnosis"),
    (INSIDE, "autograder/worker/notebook_cells.py", "from autograder import pool"),
    (INSIDE, "autograder/worker/worker.py", "import msgspec"),
    (APART, "autograder/sandbox/seccomp.py", "from autograder.worker import worker"),
    (APART, "course/config.py", "def later():\n    import autograder.worker.worker"),
    (LAYERS, "autograder/checking/fixtures.py", "from autograder.layers.training import Training"),
    (RELEASE, "release/build.py", "from autograder import results"),
    (RELEASE, "autograder/grading.py", "import release.leaks"),
    (COURSE, "course/markers.py", "import release.git"),
    (TORCH, "autograder/oracle/expected.py", "def later():\n    import torch"),
]


def kept_and_broken(root: Path) -> dict[str, bool]:
    """Whether each contract is kept in the packages at `root`."""
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--no-cache", "--config", str(root / "pyproject.toml")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    said = " ".join(done.stdout.split())
    assert "Contracts: " in said, done.stdout + done.stderr
    assert (" 0 broken" in said) == (done.returncode == 0)
    # The first list of names says KEPT or BROKEN behind each; a long name may touch the word.
    return {name: f"{name} KEPT" in said or f"{name}KEPT" in said for name in CONTRACTS}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("autograder", "release", "course"):
        ignored = shutil.ignore_patterns("__pycache__", "templates")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_are_kept_as_the_code_stands(copy: Path) -> None:
    assert dict.fromkeys(CONTRACTS, True) == kept_and_broken(copy)


@pytest.mark.parametrize(("contract", "file", "line"), FORBIDDEN)
def test_forbidden_import_breaks_its_contract(
    copy: Path, contract: str, file: str, line: str
) -> None:
    (copy / file).parent.mkdir(exist_ok=True)
    with (copy / file).open("a", encoding="utf-8") as stream:
        stream.write(f"\n{line}\n")
    assert not kept_and_broken(copy)[contract]


def test_every_contract_has_an_import_that_breaks_it() -> None:
    assert set(CONTRACTS) == {contract for contract, _, _ in FORBIDDEN}


def test_make_check_asks_for_the_contracts() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck:")[2]
    assert "/lint-imports" in recipe.partition("\n\n")[0]


@pytest.mark.parametrize("file", sorted((ROOT / "autograder" / "worker").glob("*.py")))
def test_what_runs_beside_a_submission_imports_nothing_but_the_standard_library_and_numpy(
    file: Path,
) -> None:
    imported = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level
            imported.add(str(node.module).partition(".")[0])
    assert set() == imported - sys.stdlib_module_names - {"numpy"}


def test_commands_load_what_they_need_when_they_need_it() -> None:
    """pytest loads while a worker starts; the others where they are used, or never."""
    heavy = ("pytest", "jinja2", "watchfiles", "torch", "nbgrader", "matplotlib", "sklearn")
    code = f"import sys, autograder.cli.program; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "[]\n" == done.stdout, done.stderr


def test_pytest_is_loaded_with_stand_ins_that_are_gone_afterwards() -> None:
    code = """
import sys, autograder.checking, pytest
assert not [name for name in sys.modules if name.startswith("pygments")]
from pygments import highlight
from pygments.formatters.terminal import TerminalFormatter
from pygments.lexers.python import PythonLexer
print(highlight("x = 1", PythonLexer(), TerminalFormatter()).strip() != "x = 1")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "True\n" == done.stdout, done.stderr
