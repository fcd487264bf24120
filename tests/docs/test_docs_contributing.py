"""CONTRIBUTING.md's walk, followed to the letter in a copy of the checkout."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from autograder.mistakes.fingerprints import of_modules
from autograder.options import Options
from course.config import load_course

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("mistakes")]  # which are run once
ROOT = Path(__file__).parents[2]
FENCE = r"```\w*\n(.*?)```"
CREATE = re.compile(rf"Create `([^`]+)`:\n{FENCE}", re.DOTALL)
APPEND = re.compile(rf"Append to `([^`]+)`:\n{FENCE}", re.DOTALL)
REPLACE = re.compile(rf"In `([^`]+)`, replace\n{FENCE}\nby\n{FENCE}", re.DOTALL)
COMMANDS = re.compile(r"```console\n(.*?)```", re.DOTALL)
COPIED = ("autograder", "course", "release", "solutions", "assignments")


def copy_of_the_checkout(target: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in COPIED:
        shutil.copytree(ROOT / name, target / name, ignore=ignored)
    for file in ("course.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / file, target / file)


def copy_what_is_known(target: Path) -> None:
    """The secret, and what the mistakes of week 1 do: in a checkout that is used, that is there."""
    course = load_course(ROOT)
    of_modules(course, course.week(1), course.week(1).modules, Options())
    shutil.copy(ROOT / ".course-secret", target)
    (target / ".cache").mkdir()
    with (
        closing(sqlite3.connect(ROOT / ".cache" / "oracles.sqlite")) as known,
        closing(sqlite3.connect(target / ".cache" / "oracles.sqlite")) as copy,
    ):
        known.backup(copy)


def replace_once(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path}: {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_following_the_walk_adds_a_class_that_is_released_checked_and_proven(tmp_path):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    copy_of_the_checkout(tmp_path)
    copy_what_is_known(tmp_path)
    for name, content in CREATE.findall(text):
        (tmp_path / name).write_text(content, encoding="utf-8")
    for name, content in APPEND.findall(text):
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(content)
    for name, old, new in REPLACE.findall(text):
        replace_once(tmp_path / name, old.rstrip("\n"), new.rstrip("\n"))
    (commands,) = COMMANDS.findall(text)
    for command in commands.splitlines():
        program, *arguments = command.removeprefix(".venv/bin/").split()
        result = subprocess.run(
            [sys.executable, "-m", program, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    stub = (tmp_path / "assignments/week_1/leaky_relu.py").read_text(encoding="utf-8")
    assert 'NotImplementedError("week_1/leaky_relu.py: LeakyReLU.forward")' in stub
