"""Brings what was released since into a student's clone: git's fetch and merge, looked at before.

What is in the way is said before anything is changed, and a merge that git can't do by itself is
taken back: nothing that was written is ever lost.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
from pathlib import Path

import click

from autograder.cli.shared import say, the_course
from autograder.options import InputError

BRANCHES = "refs/heads/week_*_exercise:refs/remotes/origin/week_*_exercise"
ASSIGNMENTS = "assignments/"
EXERCISE = re.compile(r"origin/week_(\d+)_exercise")


@click.command
@click.argument("week", type=int, default=0, help="The week to get. Default: the newest.")
def update(week: int) -> None:
    """Get a week, or what was corrected: for students. What you wrote stays.

    \b
    Examples:
      autograder update
      autograder update 2
    """
    course = the_course()
    if course.has_solutions:
        raise InputError("this is the instructor's repository: students get weeks in their clone")
    say(updated(course.root, week))
    weeks = the_course().written
    say(f"Weeks that are there: {', '.join(map(str, weeks))}. Next: make grade WEEK={weeks[-1]}")


def updated(root: Path, week: int) -> str:
    """Fetch and merge; what came of it, in a sentence.

    Raises:
        InputError: something is in the way, or git can't merge; all is as it was.
    """
    refuse_unready(root)
    shallow = git(root, "rev-parse", "--is-shallow-repository") == "true"
    git(root, "fetch", "--quiet", *(["--unshallow"] if shallow else []), "origin", f"+{BRANCHES}")
    branch = chosen(root, week)
    if not succeeds(root, "merge-base", "HEAD", branch):
        raise InputError(unrelated(root, branch))
    if succeeds(root, "merge-base", "--is-ancestor", branch, "HEAD"):
        return f"Nothing new: all of {branch} is here.{missing(root, branch)}"
    merge(root, branch)
    return f"Merged {branch}. What you wrote is where it was.{missing(root, branch)}"


def missing(root: Path, branch: str) -> str:
    """What a student has deleted of a week's files, and how it comes back; empty for nothing."""
    listed = git(root, "ls-tree", "-r", "-z", "--name-only", branch, "--", ASSIGNMENTS)
    gone = [name for name in listed.split("\0")[:-1] if not (root / name).exists()]
    if not gone:
        return ""
    place = common(gone)
    told = f"A commit of yours deleted {place}."
    return f"\n{told} To bring it back: git checkout {branch} -- {place}"


def refuse_unready(root: Path) -> None:
    """Refuse a folder in which a merge could lose something, or that git knows nothing of."""
    if not succeeds(root, "rev-parse", "--is-inside-work-tree"):
        raise InputError(
            f"{root} is no clone of git, so there is nothing to fetch from. Clone the course, and "
            "copy your files from assignments/ into the clone"
        )
    if files := git(root, "diff", "--name-only", "--diff-filter=U", "-z").split("\0")[:-1]:
        raise InputError(
            f"a merge isn't finished: {', '.join(files)}. In each file keep one of the two "
            "versions, delete the lines that begin with <<<<<<<, ======= and >>>>>>>, then: "
            + end(root)
        )
    deleted = git(root, "diff", "--name-only", "--diff-filter=D", "-z", "HEAD").split("\0")[:-1]
    if gone := [name for name in deleted if name.startswith(ASSIGNMENTS)]:
        place = common(gone)
        raise InputError(f"{place} was deleted. Bring it back: git checkout HEAD -- {place}")
    if git(root, "status", "--porcelain", "--untracked-files=no"):
        raise InputError(
            'you have changes that are in no commit yet: git commit --all --message "my work"'
        )


def end(root: Path) -> str:
    """How to finish what git was in the middle of, and how to take it back where that goes."""
    folder = Path(git(root, "rev-parse", "--absolute-git-dir"))
    if any((folder / name).exists() for name in ("rebase-merge", "rebase-apply")):
        done, back = "git rebase --continue", "rebase"
    else:
        done, back = "git commit", "merge" if (folder / "MERGE_HEAD").exists() else ""
    undo = f". Or take it back: git {back} --abort" if back else ""
    return f"git add --update && {done}{undo}"


def common(files: list[str]) -> str:
    """The folder that all of these are in, or the only one."""
    return shlex.quote(os.path.commonpath(files) or ".")


def chosen(root: Path, week: int) -> str:
    """The branch of a week, or of the last one that was released."""
    pattern = "refs/remotes/origin/week_*_exercise"
    names = git(root, "for-each-ref", "--format=%(refname:short)", pattern).split()
    numbers = sorted(int(match[1]) for match in map(EXERCISE.fullmatch, names) if match)
    if not numbers:
        raise InputError("origin has no exercise branch: is it the course's repository?")
    if week and week not in numbers:
        raise InputError(f"week {week} isn't released. Released: {', '.join(map(str, numbers))}")
    return f"origin/week_{week or numbers[-1]}_exercise"


def merge(root: Path, branch: str) -> None:
    """Raises InputError if git can't do it alone; then nothing is changed."""
    done = run(root, "merge", "--quiet", "--no-edit", branch)
    if done.returncode == 0:
        return
    files = git(root, "diff", "--name-only", "--diff-filter=U", "-z").split("\0")[:-1]
    run(root, "merge", "--abort")
    if not files:
        raise InputError(f"git can't merge {branch}: {said(done)}. Nothing was changed")
    raise InputError(
        f"you and {branch} changed the same lines of {', '.join(files)}. Nothing was changed. "
        f"Merge by hand: git merge {branch}, then keep one version of each place"
    )


def unrelated(root: Path, branch: str) -> str:
    """What to do where the histories have nothing in common."""
    own = git(root, "rev-parse", "--abbrev-ref", "HEAD")
    return (
        f"{branch} and your {own} have no commit in common: one of them was rebased or begun anew. "
        "Nothing was changed. Begin a branch on the new one and take your files along: "
        f"git switch --create {own}-2 {branch} && git checkout {own} -- assignments/week_1/*.py "
        "(and so on for each week that you wrote)"
    )


def own_name(root: Path) -> str:
    """Whose commits are made here, or who made the last one; else what the clone is called."""
    for asked in (("config", "user.name"), ("log", "-1", "--format=%an")):
        with contextlib.suppress(InputError):
            return git(root, *asked)
    return root.name


def git(root: Path, *arguments: str) -> str:
    """What git prints. Raises InputError with git's own words if it fails."""
    done = run(root, *arguments)
    if done.returncode:
        raise InputError(f"git {arguments[0]}: {said(done)}")
    return done.stdout.strip("\n")


def succeeds(root: Path, *arguments: str) -> bool:
    return run(root, *arguments).returncode == 0


def said(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return "; ".join(lines[:4]) or f"it ended with {done.returncode}"


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Raises InputError where git isn't installed."""
    command = ["git", "-C", str(root), *arguments]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0"}
    try:
        return subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            check=False,
        )
    except FileNotFoundError:
        raise InputError("git isn't installed: sudo apt-get install git, or git-scm.com") from None
