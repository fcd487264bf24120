"""Publishing: what the exercise branch holds, its history, and that nothing else changes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from course.config import Course
from course.errors import CourseError
from release.build import build
from release.git import Git
from release.publish import publish

Run = Callable[..., str]
BRANCH = "week_2_exercise"


@pytest.fixture
def released(course: Course, git: Run) -> Course:
    build(course, [1, 2])
    git("add", "--all")
    git("commit", "--quiet", "--message", "assignments")
    return course


def files(git: Run, ref: str) -> set[str]:
    return set(git("ls-tree", "-r", "--name-only", ref).splitlines())


def test_the_branch_holds_what_students_get(released: Course, git: Run) -> None:
    publish(released, 1, "week_1_exercise")
    assert files(git, "week_1_exercise") == {
        ".gitignore",
        "LICENSE",
        "Makefile",
        "README.md",
        "assignments/given/__init__.py",
        "assignments/given/module.py",
        "assignments/week_1/README.md",
        "assignments/week_1/__init__.py",
        "assignments/week_1/checks/expected.npz",
        "assignments/week_1/checks/explanations.json",
        "assignments/week_1/checks/mistakes.json",
        "assignments/week_1/checks/points.json",
        "assignments/week_1/checks/probes.npz",
        "assignments/week_1/checks/test_linear.py",
        "assignments/week_1/linear.py",
        "autograder/__init__.py",
        "constraints.txt",
        "course.toml",
        "course/__init__.py",
        "pyproject.toml",
    }
    assert git("show", "week_1_exercise:README.md").startswith(
        "# For students\n\n## Now: week 1, Basis"
    )


def test_a_later_week_holds_the_earlier_ones(released: Course, git: Run) -> None:
    publish(released, 2, BRANCH)
    assert {"assignments/week_1/linear.py", "assignments/week_2/flatten.py"} <= files(git, BRANCH)


def test_the_branch_shares_no_commit_with_the_answers(released: Course, git: Run) -> None:
    done = publish(released, 2, BRANCH)
    assert git("rev-list", BRANCH) == done.commit
    assert git("log", "-1", "--format=%s%n%an", BRANCH) == "Week 2: CNN\nA Teacher"


def test_nothing_else_changes(released: Course, git: Run) -> None:
    (released.root / "staged.txt").write_text("staged")
    git("add", "staged.txt")
    (released.root / "Makefile").write_text("edited:\n")
    before = [
        git("status", "--porcelain"),
        git("rev-parse", "HEAD"),
        git("branch", "--show-current"),
    ]
    index = (released.root / ".git/index").read_bytes()
    publish(released, 2, BRANCH)
    after = [
        git("status", "--porcelain"),
        git("rev-parse", "HEAD"),
        git("branch", "--show-current"),
    ]
    assert before == after
    assert index == (released.root / ".git/index").read_bytes()


def test_publishing_again_adds_a_commit_on_top(released: Course, git: Run) -> None:
    first = publish(released, 2, BRANCH)
    (released.assignments / "README.md").write_text("# Corrected\n")
    second = publish(released, 2, BRANCH)
    assert second.created
    assert git("rev-list", BRANCH).splitlines() == [second.commit, first.commit]


def test_publishing_the_same_again_adds_nothing(released: Course, git: Run) -> None:
    first = publish(released, 2, BRANCH)
    second = publish(released, 2, BRANCH)
    assert not second.created
    assert second.commit == first.commit == git("rev-parse", BRANCH)


def test_a_branch_that_was_only_fetched_is_continued(released: Course, git: Run) -> None:
    first = publish(released, 2, BRANCH)
    git("update-ref", f"refs/remotes/origin/{BRANCH}", first.commit)
    git("branch", "-D", BRANCH)
    (released.assignments / "README.md").write_text("# Corrected\n")
    second = publish(released, 2, BRANCH)
    assert git("rev-parse", f"{BRANCH}^") == first.commit
    git("update-ref", f"refs/heads/{BRANCH}", first.commit)
    git("update-ref", f"refs/remotes/origin/{BRANCH}", second.commit)
    assert publish(released, 2, BRANCH).commit == second.commit == git("rev-parse", BRANCH)


def test_branches_that_went_different_ways_are_refused(released: Course, git: Run) -> None:
    first = publish(released, 2, BRANCH)
    git("update-ref", f"refs/remotes/origin/{BRANCH}", first.commit)
    git("branch", "-D", BRANCH)
    git("branch", BRANCH, "main")
    with pytest.raises(CourseError, match="gone different ways"):
        publish(released, 2, BRANCH)


def test_ignored_files_and_caches_stay_at_home(released: Course, git: Run) -> None:
    for name in ("autograder/notes.local", "assignments/week_1/__pycache__/a.pyc"):
        (released.root / name).parent.mkdir(exist_ok=True)
        (released.root / name).write_text("")
    (released.root / "autograder/new.py").write_text("x = 1\n")
    publish(released, 2, BRANCH)
    assert not {name for name in files(git, BRANCH) if name.endswith((".local", ".pyc"))}
    assert "autograder/new.py" in files(git, BRANCH)


def test_a_deleted_file_is_left_out(released: Course, git: Run) -> None:
    (released.root / "autograder/old.py").write_text("")
    git("add", "autograder/old.py")
    (released.root / "autograder/old.py").unlink()
    publish(released, 2, BRANCH)
    assert "autograder/old.py" not in files(git, BRANCH)


def test_executable_files_stay_executable(released: Course, git: Run) -> None:
    (released.root / "autograder/run").write_text("#!/bin/sh\n")
    (released.root / "autograder/run").chmod(0o755)
    publish(released, 2, BRANCH)
    assert git("ls-tree", BRANCH, "autograder/run").startswith("100755")


def test_file_names_with_any_character_are_kept(released: Course, git: Run) -> None:
    name = "assignments/given/größe and\ttab.txt"
    (released.root / name).write_text("x")
    publish(released, 2, BRANCH)
    listed = git("ls-tree", "-r", "-z", "--name-only", BRANCH).split("\0")
    assert name in listed


def test_without_a_readme_for_students_there_is_none(released: Course, git: Run) -> None:
    (released.assignments / "README.md").unlink()
    publish(released, 2, BRANCH)
    assert "README.md" not in files(git, BRANCH)


def test_missing_files_are_all_named(released: Course) -> None:
    shutil.rmtree(released.assignments / "given")
    with pytest.raises(CourseError) as caught:
        publish(released, 3, "week_3_exercise")
    assert caught.value.problems == tuple(
        f"{name}: missing. An exercise branch needs it."
        for name in ("assignments/week_3", "assignments/given")
    )


def test_an_engine_that_is_installed_is_not_in_the_branch(released: Course, git: Run) -> None:
    for name in ("autograder", "course"):
        shutil.rmtree(released.root / name)
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "LICENSE"):
        (released.root / name).unlink()
    publish(released, 1, BRANCH)
    assert {".gitignore", "README.md", "course.toml"} == {
        name for name in files(git, BRANCH) if not name.startswith("assignments/")
    }


def test_a_link_is_refused(released: Course) -> None:
    (released.root / "autograder/link.py").symlink_to("/etc/hostname")
    with pytest.raises(CourseError, match=r"autograder/link\.py: not a regular file"):
        publish(released, 2, BRANCH)


def test_the_branch_that_is_checked_out_is_refused(released: Course, git: Run) -> None:
    publish(released, 2, BRANCH)
    git("worktree", "add", "--quiet", str(released.root.parent / "other"), BRANCH)
    with pytest.raises(CourseError, match="is checked out"):
        publish(released, 2, BRANCH)


def test_a_name_that_is_none_is_refused(released: Course) -> None:
    with pytest.raises(CourseError, match='"a b" is no name for a branch'):
        publish(released, 2, "a b")


def test_a_repository_without_commits_can_publish(released: Course, git: Run) -> None:
    git("update-ref", "-d", "HEAD")
    assert publish(released, 2, BRANCH).created


def test_gits_own_words_are_passed_on(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"git rev-parse failed in .*not a git repository"):
        Git(tmp_path, {"GIT_CEILING_DIRECTORIES": "/"}).text("rev-parse", "HEAD")


def test_without_git_the_advice_is_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", missing)
    with pytest.raises(CourseError, match="Install git"):
        Git(tmp_path).text("status")
