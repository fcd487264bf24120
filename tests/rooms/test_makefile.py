"""The Makefile: what it takes for a week, and what it does in a folder that was moved."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "-C", str(folder), "--no-print-directory", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "내 과제 (1)"
    (folder / ".venv").mkdir(parents=True)
    shutil.copy(MAKEFILE, folder)
    for name in ("pyproject.toml", "constraints.txt"):
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("WEEK=", "Say which week: make need-week WEEK=1"),
        ("WEEK=all", "WEEK=all: one week, by its number: make need-week WEEK=1"),
    ],
)
def test_what_is_no_week_is_told(clone: Path, asked: str, told: str) -> None:
    done = make(clone, "need-week", asked)
    assert (2, f"{told}\n") == (done.returncode, done.stdout)


@pytest.mark.parametrize("asked", ["WEEK=3", "WEEK=week_3"])
def test_week_is_a_number_or_the_name_of_its_folder(clone: Path, asked: str) -> None:
    assert "autograder grade 3 --html" in make(clone, "--dry-run", "grade", asked).stdout


def test_venv_of_a_clone_that_was_moved_is_made_anew_and_another_stays(clone: Path) -> None:
    (clone / ".venv/.place").write_text(f"{clone}\n", encoding="utf-8")
    make(clone, "help")
    assert (clone / ".venv").exists()
    moved = clone.rename(clone.with_name("renamed"))
    assert "This folder was moved or copied" in make(moved, "help").stdout
    assert not (moved / ".venv").exists()


def test_venv_without_its_place_stays(clone: Path) -> None:
    """One that was made before places were written down."""
    make(clone, "help")
    assert (clone / ".venv").exists()
