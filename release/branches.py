"""The branches that students see, and commits on them, made without touching the work tree.

week_2_exercise continues week_1_exercise, so a student merges one after the other. Whatever was
published of the weeks before is an ancestor, corrections and answers too: then git knows what
is new, and what a student has written stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from course.errors import CourseError
from release.git import Git


class Published(NamedTuple):
    """What is published; `created` tells whether there was something new to commit."""

    branch: str
    commit: str
    created: bool
    files: int


def exercise(number: int) -> str:
    return f"week_{number}_exercise"


def answer(number: int) -> str:
    return f"week_{number}_answer"


def branch_refs(git: Git, branch: str) -> list[str]:
    """The branch here, and as fetched from elsewhere, as far as they exist."""
    patterns = (f"refs/heads/{branch}", f"refs/remotes/*/{branch}")
    return git.lines("for-each-ref", "--format=%(refname)", *patterns)


def student_refs(git: Git) -> list[str]:
    """All branches and tags that students may see: of exercises and answers."""
    kinds = ("exercise", "answer")
    places = ("heads", "remotes/*", "tags")
    patterns = [f"refs/{place}/week_*_{kind}" for place in places for kind in kinds]
    return git.lines("for-each-ref", "--format=%(refname)", *patterns)


def tip(git: Git, branch: str) -> str | None:
    """The newest commit of the branch here and the branches fetched.

    Raises:
        CourseError: they have gone different ways.
    """
    tips = list(dict.fromkeys(git.text("rev-parse", ref) for ref in branch_refs(git, branch)))
    for one in tips:
        if all(git.succeeds("merge-base", "--is-ancestor", other, one) for other in tips):
            return one
    if tips:
        raise CourseError(
            f"{branch}: the branch here and the one fetched have gone different ways: one of them "
            "was rebased or made anew. Students have the one that was pushed: keep that one, "
            "delete the other, then publish again."
        )
    return None


def refuse(git: Git, branch: str) -> None:
    """Refuse what can't be a branch, or can't be moved or continued.

    Raises:
        CourseError: the name is none, the branch is checked out, or the history isn't all here.
    """
    if not git.succeeds("check-ref-format", "--branch", branch):
        raise CourseError(f'"{branch}" is no name for a branch.')
    if f"branch refs/heads/{branch}" in git.lines("worktree", "list", "--porcelain"):
        raise CourseError(f"{branch}: is checked out. Switch to another branch, then publish.")
    refuse_shallow(git)


def refuse_shallow(git: Git) -> None:
    """Raises CourseError for a clone without its history: the rest isn't known."""
    if git.text("rev-parse", "--is-shallow-repository") == "true":
        raise CourseError(
            "this clone is shallow: what was published before isn't all here. "
            "Get the rest with `git fetch --unshallow`, then try again."
        )


def commit(git: Git, branch: str, tree: str, before: Iterable[str | None], message: str) -> str:
    """A commit of this tree on top of the branch and of what was published before it.

    It belongs to no branch yet, see `point`. If it says nothing new, it is the branch's last one.
    """
    own = tip(git, branch)
    tips = list(dict.fromkeys(one for one in (own, *before) if one))
    needed = set(git.lines("merge-base", "--independent", *tips)) if tips else set()
    parents = [one for one in tips if one in needed]
    if own and parents == [own] and git.text("rev-parse", f"{own}^{{tree}}") == tree:
        return own
    named = [argument for parent in parents for argument in ("-p", parent)]
    return git.text("commit-tree", tree, *named, "-m", message)


def point(git: Git, branch: str, to: str) -> Published:
    """Let the branch here end in this commit."""
    created = to != tip(git, branch)
    git.text("update-ref", "-m", "release publish", f"refs/heads/{branch}", to)
    files = len(git.paths("ls-tree", "-r", "-z", "--name-only", to))
    return Published(branch, to, created, files)
