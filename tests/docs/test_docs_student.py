"""A student's checkout: what is published, without solutions, in a Python without torch."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from release.publish import PACKAGES, ROOT_FILES, STUDENTS

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("checkout")]  # one copy, made once

ROOT = Path(__file__).parents[2]
# What only instructors and developers install: here it can't be imported either.
MISSING = ("torch", "matplotlib", "nbgrader", "pyseccomp", "hypothesis", "release")
PROGRAM = f"""
import sys
sys.modules |= dict.fromkeys({MISSING!r})
from autograder.cli import main
main()
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of an exercise branch for week 1."""
    folder = tmp_path_factory.mktemp("student")
    for name in (*PACKAGES, "assignments/given", "assignments/week_1"):
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copytree(ROOT / STUDENTS, folder, dirs_exist_ok=True)
    for name in (*ROOT_FILES, "assignments/fixtures.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def graded(checkout: Path, *arguments: str) -> dict[str, Any]:
    """The record that `autograder grade 1` writes there."""
    out = checkout / "out.json"
    command = [sys.executable, "-c", PROGRAM, "grade", "1", "--json", str(out), *arguments]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    record: dict[str, Any] = json.loads(out.read_bytes())
    return record


def test_untouched_stubs_are_a_list_of_todos(checkout: Path) -> None:
    record = graded(checkout)
    assert {"not_attempted"} == {check["verdict"] for check in record["checks"]}
    assert {"ReLU.forward", "Linear.backward"} <= {todo["name"] for todo in record["todos"]}
    assert record["public_only"]


def test_hints_come_from_what_was_released(checkout: Path) -> None:
    record = graded(checkout, "--submission", str(ROOT / "examples" / "dmitri"))
    verdicts = {check["verdict"] for check in record["checks"]}
    assert {"passed", "failed", "skipped"} == verdicts  # training waits for right gradients
    assert {
        "softmax-only-the-diagonal",
        "cross-entropy-loss-gradient-not-averaged",
        "bce-loss-gradient-not-averaged",
        "linear-weight-grad-overwritten",
    } == {check["mistake"] for check in record["checks"] if check["verdict"] == "failed"}


def test_right_work_passes_every_public_check(checkout: Path) -> None:
    record = graded(checkout, "--submission", str(ROOT / "examples" / "ada"))
    assert 0 < record["max_score"] < 100
    assert record["max_score"] == record["score"]
    assert not any(check["hidden"] for check in record["checks"])


def test_nothing_is_left_behind(checkout: Path) -> None:
    graded(checkout)
    assert not (checkout / ".course-secret").exists()
    assert not (checkout / ".cache").exists()


def test_pytest_runs_a_file_of_checks(checkout: Path, tmp_path: Path) -> None:
    """As an editor's test explorer does: markers are known, fixtures are there."""
    folder = tmp_path / "checkout"
    shutil.copytree(checkout, folder)
    solved = (ROOT / "examples/ada/week_1/linear.py").read_text(encoding="utf-8")
    wrong = solved.replace("self.bias.grad += ", "self.bias.grad += 3 * ")
    assert wrong != solved
    (folder / "assignments/week_1/linear.py").write_text(wrong, encoding="utf-8")
    files = [f"assignments/week_1/checks/test_{name}.py" for name in ("linear", "losses")]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert 1 == done.returncode, done.stdout + done.stderr
    assert "1 failed, 2 passed, 5 skipped" in done.stdout
    assert "Linear: gradients of the parameters, added up: failed\n" in done.stdout
    assert "gradient of bias: 4 of 4 values are wrong" in done.stdout
    assert "week_1/losses.py: CrossEntropyLoss.forward" in done.stdout
