"""A small course in a temporary folder, whose expected values come from a stand-in."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from course.config import Course, load_course
from course.trust import trust

COURSE = """
[course]
name = "A course"
[weeks.week_1]
title = "Basis"
topics = []
exercise = "compare"
modules = {linear = ["Linear"]}
[weeks.week_2]
title = "CNN"
topics = []
exercise = "compare"
modules = {flatten = ["Flatten"]}
[weeks.week_3]
title = "Not written yet"
topics = []
exercise = "compare"
modules = {optim = ["SGD"]}
"""

LINEAR = dedent('''\
    """Linear layers."""

    from given.module import Module


    class Linear(Module):
        """y = W x."""

        def __init__(self, size: int = 3) -> None:
            self.size = size

        def forward(self, x: float, scale: float = 1.0) -> float:
            """Multiply."""
            ### BEGIN SOLUTION multiply by the weight
            self.remembered = x * scale + self.size
            return self.remembered * self.weight
            ### END SOLUTION
    ''')

FLATTEN = dedent('''\
    class Flatten:
        def forward(self, x: float) -> float:
            """Reshape."""
            ### BEGIN SOLUTION one row for each sample
            return x.reshape(len(x), -1) if x.size else x
            ### END SOLUTION
    ''')

CHECKS = dedent("""\
    def test_linear_forward(student):
        assert student.linear.Linear().forward(3) == 9


    ### BEGIN HIDDEN TESTS
    def test_linear_backward(student):
        assert student.linear.Linear().backward(17) == 17 * 3
    ### END HIDDEN TESTS
    """)

HIDDEN_CHECKS = dedent("""\
    ### BEGIN HIDDEN TESTS
    def test_flatten(student):
        assert student.flatten.Flatten().forward([[1]]) == [1]
    ### END HIDDEN TESTS
    """)

MISTAKES = dedent("""\
    [[mistake]]
    id = "linear-squared"
    where = "linear.py: Linear.forward"
    replace = "* self.weight"
    with = "* self.weight ** 2 + (self.size - 1)"
    hint = "The weight is not squared."
    checks = ["test_linear_forward"]
    """)

FILES = {
    "course.toml": COURSE,
    "solutions/given/__init__.py": "",
    "solutions/given/module.py": "class Module:\n    weight = 3.0\n",
    "solutions/week_1/__init__.py": '"""Week 1."""\n',
    "solutions/week_1/README.md": "# Linear\n",
    "solutions/week_1/linear.py": LINEAR,
    "solutions/week_1/mistakes.toml": MISTAKES,
    "solutions/week_2/__init__.py": "",
    "solutions/week_2/README.md": "# Flatten\n",
    "solutions/week_2/flatten.py": FLATTEN,
    "autograder/__init__.py": "",
    "solutions/week_1/checks/test_linear.py": CHECKS,
    "solutions/week_2/checks/test_flatten.py": HIDDEN_CHECKS,
    "course/__init__.py": "",
    "Makefile": "help:\n",
    "pyproject.toml": "",
    "constraints.txt": "",
    "LICENSE": "MIT\n",
    ".gitignore": "__pycache__/\n.course-secret\n*.local\n",
    "assignments/README.md": "# For students\n",
}


def write_files(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def stand_in_for_the_grader(course: Course, week: int, folder: Path | None) -> str:
    """Writes what `autograder expected` writes, and gives a hash of what it is made of."""
    sources = files_digest((course.solutions / f"week_{week}").rglob("*.py"))
    if folder is None:
        return sources
    np.savez(folder / "expected.npz", y=np.arange(3.0) * week)
    (folder / "mistakes.json").write_text(json.dumps({"week": week, "sum": 0.25}))
    (folder / "points.json").write_text(json.dumps({"test_linear.py::test_linear_forward": 50.0}))
    np.savez(folder / "probes.npz", y=np.arange(2.0) * week)
    (folder / "explanations.json").write_text("[]")
    return sources


def files_digest(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()


@pytest.fixture(autouse=True)
def no_grader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("release.build.expect_public_checks", stand_in_for_the_grader)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a course with two written weeks."""
    folder = tmp_path / "course"
    write_files(folder, FILES)
    trust(folder)
    return folder


@pytest.fixture
def course(root: Path) -> Course:
    return load_course(root)


GitCommand = Callable[..., str]


@pytest.fixture
def git(root: Path, monkeypatch: pytest.MonkeyPatch) -> GitCommand:
    """The course as a repository with one commit on main; the fixture runs git in it."""
    for name, value in (("AUTHOR", "A Teacher"), ("COMMITTER", "A Teacher")):
        monkeypatch.setenv(f"GIT_{name}_NAME", value)
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "teacher@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def run(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    run("init", "--quiet", "--initial-branch", "main")
    run("add", "--all")
    run("commit", "--quiet", "--message", "the course")
    return run
