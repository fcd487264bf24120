"""A student's checkout of this course, as a script: what was released of one week, filled in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from course.config import Course, load_course

REPOSITORY = Path(__file__).parents[2]


def checkout(root: Path, number: int = 1, trains: bool = False) -> Course:
    """In `root`, which must not exist yet.

    Args:
        trains: whether it has the checks that train a model, too.
    """
    released = REPOSITORY / "assignments"
    week = f"week_{number}"
    for name in ("given", week):
        shutil.copytree(released / name, root / "assignments" / name)
    shutil.copy(released / "fixtures.py", root / "assignments")
    shutil.copy(REPOSITORY / "course.toml", root)
    if not trains:
        without(root / "assignments" / week / "checks", "test_accuracy.py")
    course = load_course(root)
    for module in course.week(number).modules:
        fill(course, number, module)
    return course


def without(checks: Path, name: str) -> None:
    """Leave a file of checks out, as if it had never been released."""
    (checks / name).unlink()
    worth = json.loads((checks / "points.json").read_text(encoding="utf-8"))
    kept = {check: points for check, points in worth.items() if not check.startswith(name)}
    (checks / "points.json").write_text(json.dumps(kept), encoding="utf-8")


def fill(course: Course, number: int, module: str) -> Path:
    """The reference in the place of a stub."""
    source = REPOSITORY / f"solutions/week_{number}/{module}.py"
    return Path(shutil.copy(source, course.assignments / f"week_{number}"))
