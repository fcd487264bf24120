"""The exercise branch: a history of its own, made without touching the work tree.

Everything goes through a temporary index, so neither the files on disk nor the index nor the
branch that is checked out change.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from course.config import Course
from course.errors import CourseError
from release.git import Git

# What an exercise branch holds beside assignments/, of what the course's repository holds: a course
# whose engine is installed has no packages.
PACKAGES = ("autograder", "course")
ROOT_FILES = (
    "Makefile",
    "pyproject.toml",
    "constraints.txt",
    "course.toml",
    "LICENSE",
    ".gitignore",
)
README = "assignments/README.md"


class Published(NamedTuple):
    """The branch after publishing; `created` tells whether there was something new to commit."""

    branch: str
    commit: str
    created: bool
    files: int


def publish(course: Course, number: int, branch: str) -> Published:
    """Commit what students get for weeks 1 to `number` on top of the branch's last commit.

    Raises:
        CourseError: something is missing, or the branch is checked out.
    """
    git = Git(course.root)
    if not git.succeeds("check-ref-format", "--branch", branch):
        raise CourseError(f'"{branch}" is no name for a branch.')
    _refuse_checked_out(git, branch)
    contents = _contents(course, git, number)
    tree = _write_tree(course, contents)
    parent = previous_commit(git, branch)
    if parent and git.text("rev-parse", f"{parent}^{{tree}}") == tree:
        return Published(branch, _point(git, branch, parent), False, len(contents))
    message = f"Week {number}: {course.week(number).title}"
    parents = ("-p", parent) if parent else ()
    commit = git.text("commit-tree", tree, *parents, "-m", message)
    return Published(branch, _point(git, branch, commit), True, len(contents))


def branch_refs(git: Git, branch: str) -> list[str]:
    """The branch here, and as fetched from elsewhere, as far as they exist."""
    patterns = (f"refs/heads/{branch}", f"refs/remotes/*/{branch}")
    return git.lines("for-each-ref", "--format=%(refname)", *patterns)


def previous_commit(git: Git, branch: str) -> str | None:
    """The commit to build on: the newest of the branch here and the branches fetched.

    Raises:
        CourseError: they have gone different ways.
    """
    tips = list(dict.fromkeys(git.text("rev-parse", ref) for ref in branch_refs(git, branch)))
    for tip in tips:
        if all(git.succeeds("merge-base", "--is-ancestor", other, tip) for other in tips):
            return tip
    if tips:
        raise CourseError(
            f"{branch}: the branch here and the one fetched have gone different ways. "
            f"Delete the one that isn't wanted, then publish again."
        )
    return None


def _point(git: Git, branch: str, commit: str) -> str:
    git.text("update-ref", "-m", "release publish", f"refs/heads/{branch}", commit)
    return commit


def _refuse_checked_out(git: Git, branch: str) -> None:
    if f"branch refs/heads/{branch}" in git.lines("worktree", "list", "--porcelain"):
        raise CourseError(f"{branch}: is checked out. Switch to another branch, then publish.")


def _contents(course: Course, git: Git, number: int) -> dict[str, Path]:
    """Path in the branch -> file, for everything that git doesn't ignore."""
    built = [f"assignments/week_{n}" for n in sorted(course.weeks) if n <= number]
    sources = (course.solutions / "given", course.fixtures)
    built += [f"assignments/{source.name}" for source in sources if source.exists()]
    missing = [name for name in built if not (course.root / name).exists()]
    if missing:
        raise CourseError(*(f"{name}: missing. An exercise branch needs it." for name in missing))
    beside = [name for name in (*PACKAGES, *ROOT_FILES) if (course.root / name).exists()]
    listed = git.paths(
        "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *built, *beside
    )
    contents = {
        path: course.root / path for path in sorted(set(listed)) if (course.root / path).exists()
    }
    if (course.root / README).is_file():
        contents["README.md"] = course.root / README
    _refuse_special(contents)
    return contents


def _refuse_special(contents: dict[str, Path]) -> None:
    special = [path for path, file in contents.items() if file.is_symlink() or not file.is_file()]
    if special:
        raise CourseError(*(f"{path}: not a regular file. Copy it instead." for path in special))


def _write_tree(course: Course, contents: dict[str, Path]) -> str:
    """The git tree of these files, made in an index that nobody else sees."""
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        git = Git(course.root, {"GIT_INDEX_FILE": str(Path(folder) / "index")})
        entries = []
        for path, file in contents.items():
            blob = git.text("hash-object", "-w", "--no-filters", "--", str(file))
            mode = "100755" if os.access(file, os.X_OK) else "100644"
            entries.append(f"{mode} {blob}\t{path}\0")
        listing = "".join(entries).encode(errors="surrogateescape")
        git.raw("update-index", "-z", "--index-info", stdin=listing)
        return git.text("write-tree")
