"""Which course's checks may run: a course's checks, oracles and fixtures are code that runs as you.

The course is the one that the engine lies in, or one that was named, or one that was trusted
once. Any other course.toml above the working directory, such as one in a student's folder, is
refused. What was trusted is remembered in the user's own configuration, by the folder's path.
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from pathlib import Path

from course.config import Course, find_root, load_course
from course.errors import CourseError

ENGINE = Path(__file__).resolve().parents[1]  # the folder that holds the engine's packages
NAMED: ContextVar[Path | None] = ContextVar("named", default=None)  # by --course, if it was said


def open_course(named: Path | None = None) -> Course:
    """The course at `named`, or the nearest one above the working directory if it is trusted.

    Raises:
        CourseError: there is none, it is broken, or it is not trusted.
    """
    if named is not None:
        return load_course(named.resolve())
    root = find_root(Path.cwd())
    if root != ENGINE and root not in trusted():
        raise CourseError(
            f"{root}: this course is not trusted: its checks are code that runs as you. "
            + advice(root)
        )
    return load_course(root)


def advice(root: Path) -> str:
    """What to do about a course that isn't trusted."""
    if (root / "solutions").is_dir() or not (root / "Makefile").is_file():
        return (
            "If it is yours, say so once with `autograder trust` in that folder; to grade it for "
            "another course, name that one with --course, or change to its folder."
        )
    return (
        f"If it is your own clone, moved or copied: the program that runs belongs to {ENGINE}. "
        f"Remove .venv in {root}, then `make setup` there. To grade it for another course, name "
        "that one with --course, or change to its folder; `autograder trust` is for its authors."
    )


def memory() -> Path:
    """The file with the trusted folders, a path in each line."""
    home = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    # A relative one would let the working directory say what is trusted.
    return (home if home.is_absolute() else Path.home() / ".config") / "autograder" / "trusted"


def trusted() -> set[Path]:
    """The folders of the courses that were trusted."""
    try:
        lines = memory().read_bytes().decode("utf-8", "surrogateescape").split("\n")
    except (OSError, RuntimeError):  # RuntimeError: nobody knows where this user is at home
        return set()
    return {Path(line) for line in lines if line}


def trust(root: Path) -> None:
    """Remember the course in this folder as one whose checks may run.

    Raises:
        CourseError: it holds no course, or has a name that can't be remembered.
        OSError: it can't be written down.
    """
    root = root.resolve()
    if find_root(root) != root:
        raise CourseError(f"{root}: holds no course.toml. Trust the folder that does.")
    if "\n" in str(root):
        raise CourseError("a folder with a line break in its name can't be trusted: rename it.")
    if root in trusted():
        return
    memory().parent.mkdir(parents=True, exist_ok=True)
    with memory().open("a", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        file.write(f"{root}\n")
