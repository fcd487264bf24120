"""A course of one week with one class, Linear: its solution and its checks are the real ones."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import dedent

from autograder.grading import grade
from autograder.options import Options
from autograder.results import CheckResult, Record
from autograder.sandbox.launch import Limits
from course.config import Course, load_course

REPOSITORY = Path(__file__).parents[2]
LINEAR = (REPOSITORY / "solutions" / "week_1" / "linear.py").read_text(encoding="utf-8")
POINTS = 100.0  # of a week, whatever its checks weigh
WEIGHT = 23  # of the checks of Linear, together
CHECKS = 15
SECRET = "a secret for tests"
# A busy machine must change nothing but where a test is about time.
GENEROUS = Limits(check_seconds=120.0, training_seconds=600.0, total_seconds=1800.0)

COURSE = """\
[course]
name = "A course"
[standards]
hidden = 50
mistakes = 6
[weeks.week_1]
title = "Basis"
topics = ["linear layers"]
exercise = "compare"
modules = {linear = ["Linear"]}
"""


def build(root: Path) -> Course:
    """The course in `root`, which must not exist yet."""
    week = root / "solutions" / "week_1"
    checks = week / "checks"
    checks.mkdir(parents=True)
    (root / "course.toml").write_text(COURSE, encoding="utf-8")
    own = REPOSITORY / "solutions"
    shutil.copy(own / "week_1" / "checks" / "test_linear.py", checks)
    shutil.copy(own / "fixtures.py", root / "solutions")
    for name in ("given", "oracles"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(own / name, root / "solutions" / name, ignore=ignored)
    (week / "__init__.py").touch()
    (week / "linear.py").write_text(LINEAR, encoding="utf-8")
    return load_course(root)


def options(**changes: object) -> Options:
    """Quick: our own code, without a sandbox, without looking for mistakes."""
    plain = {"sandboxed": False, "secret": SECRET, "accuracy": False, "explain": False}
    return Options(**({"limits": GENEROUS} | plain | changes))


def submit(folder: Path, linear: str) -> Path:
    """A submission in `folder` with this linear.py."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "linear.py").write_text(dedent(linear), encoding="utf-8")
    return folder


def graded(course: Course, folder: Path, linear: str, **changes: object) -> Record:
    return grade(course, course.week(1), submit(folder, linear), options(**changes))


def named(record: Record, name: str) -> CheckResult:
    """The check with this name."""
    return next(c for c in record.checks if c.id.endswith(f"::{name}"))


def weight(record: Record) -> int:
    """The weight of the checks that were passed, together: the points tell it without a doubt."""
    return round(record.score * WEIGHT / POINTS)


def verdicts(record: Record) -> dict[str, str]:
    """How each check ended, by its name without the part that all share."""
    prefix = "test_linear.py::test_linear_"
    return {check.id.removeprefix(prefix): str(check.verdict) for check in record.checks}
