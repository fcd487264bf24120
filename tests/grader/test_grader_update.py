"""A student gets the next week: what is in the way is said, and nothing written is lost."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from autograder.cli.updating import own_name, updated
from autograder.options import InputError

HANDOUT, STUB = "assignments/week_1/README.md", "assignments/week_1/linear.py"
WRITTEN = "one\nwritten by the student\nthree\n"


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A. Person")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "person@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def commit(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with two weeks, the second on top of the first."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "week_1_exercise")
    commit(folder, {STUB: "one\ntwo\nthree\n", HANDOUT: "# Week 1\n"})
    git(folder, "switch", "--quiet", "--create", "week_2_exercise")
    commit(folder, {"assignments/week_2/README.md": "# Week 2\n"})
    return folder


def clone(origin: Path, *options: str) -> Path:
    """What a student has who filled the stub of week 1, in a folder of any name."""
    folder = origin.parent / "내 과제" / "딥 러닝"
    chosen = ("--quiet", "--branch", "week_1_exercise", *options)
    git(origin, "clone", *chosen, f"file://{origin}", str(folder))
    git(folder, "switch", "--quiet", "--create", "my-work")
    commit(folder, {STUB: WRITTEN})
    return folder


def state(folder: Path) -> tuple[str, str]:
    return git(folder, "rev-parse", "HEAD"), git(folder, "status", "--porcelain")


@pytest.mark.parametrize("options", [(), ("--single-branch",), ("--depth", "1")], ids=str)
def test_next_week_comes_and_what_was_written_stays(origin: Path, options: tuple[str, ...]) -> None:
    folder = clone(origin, *options)
    assert updated(folder, 0).startswith("Merged origin/week_2_exercise.")
    assert (folder / "assignments/week_2/README.md").is_file()
    assert WRITTEN == (folder / STUB).read_text(encoding="utf-8")
    assert "Nothing new: all of origin/week_2_exercise is here." == updated(folder, 2)


def test_week_that_is_not_released_is_said(origin: Path) -> None:
    with pytest.raises(InputError, match=r"week 3 isn't released\. Released: 1, 2"):
        updated(clone(origin), 3)


def test_changes_that_are_in_no_commit_stop_it(origin: Path) -> None:
    folder = clone(origin)
    (folder / STUB).write_text("unsaved\n", encoding="utf-8")
    with pytest.raises(InputError, match="in no commit yet: git commit --all"):
        updated(folder, 2)
    assert "unsaved\n" == (folder / STUB).read_text(encoding="utf-8")


def test_merge_that_is_not_finished_names_the_files(origin: Path) -> None:
    folder = clone(origin)
    commit(origin, {STUB: "one\ncorrected\nthree\n"})
    git(folder, "fetch", "--quiet")
    with pytest.raises(subprocess.CalledProcessError):
        git(folder, "merge", "origin/week_2_exercise")
    with pytest.raises(InputError, match=rf"a merge isn't finished: {STUB}\..*merge --abort"):
        updated(folder, 2)


def test_rebase_that_is_not_finished_is_ended_as_a_rebase(origin: Path) -> None:
    folder = clone(origin)
    commit(origin, {STUB: "one\ncorrected\nthree\n"})
    git(folder, "fetch", "--quiet")
    with pytest.raises(subprocess.CalledProcessError):
        git(folder, "rebase", "origin/week_2_exercise")
    with pytest.raises(InputError, match=r"git rebase --continue\. .*git rebase --abort"):
        updated(folder, 2)


@pytest.mark.parametrize(
    ("deleted", "place"), [((STUB,), STUB), ((STUB, HANDOUT), "assignments/week_1")], ids=str
)
def test_released_files_that_were_deleted_come_back(
    origin: Path, deleted: tuple[str, ...], place: str
) -> None:
    folder = clone(origin)
    for name in deleted:
        (folder / name).unlink()
    with pytest.raises(InputError, match=rf"{place} was deleted\.") as caught:
        updated(folder, 2)
    run_advice(str(caught.value), folder)
    assert WRITTEN == (folder / STUB).read_text(encoding="utf-8")


def test_released_files_whose_deletion_is_in_a_commit_come_back(origin: Path) -> None:
    folder = clone(origin)
    (folder / HANDOUT).unlink()
    git(folder, "commit", "--quiet", "--all", "--message", "x")
    for told in (updated(folder, 2), updated(folder, 2)):  # when merging, and with nothing new
        assert f"A commit of yours deleted {HANDOUT}." in told
    run_advice(told, folder)
    assert "# Week 1\n" == (folder / HANDOUT).read_text(encoding="utf-8")


def run_advice(told: str, folder: Path) -> None:
    command = told.rpartition("ring it back: ")[2]
    subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True)


def test_merge_that_conflicts_is_taken_back(origin: Path) -> None:
    folder = clone(origin)
    commit(origin, {STUB: "one\ncorrected\nthree\n"})
    before = state(folder)
    with pytest.raises(
        InputError, match=rf"changed the same lines of {STUB}\. Nothing was changed"
    ):
        updated(folder, 2)
    assert before == state(folder)
    assert WRITTEN == (folder / STUB).read_text(encoding="utf-8")


def test_file_of_ones_own_in_the_way_is_not_overwritten(origin: Path) -> None:
    folder = clone(origin)
    own = folder / "assignments/week_2/README.md"
    own.parent.mkdir()
    own.write_text("mine\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"week_2/README\.md.*Nothing was changed"):
        updated(folder, 2)
    assert "mine\n" == own.read_text(encoding="utf-8")


def test_branch_that_was_begun_anew_has_a_way_out_that_works(origin: Path) -> None:
    folder = clone(origin)
    git(origin, "switch", "--quiet", "--orphan", "anew")
    commit(origin, {STUB: "one\ntwo\nthree\n", "assignments/week_2/README.md": "# Week 2\n"})
    git(origin, "branch", "--force", "week_2_exercise", "anew")
    before = state(folder)
    with pytest.raises(InputError, match="have no commit in common") as caught:
        updated(folder, 2)
    assert before == state(folder)
    advice = str(caught.value).partition("take your files along: ")[2].partition(" (and so on")[0]
    subprocess.run(advice, shell=True, cwd=folder, check=True, capture_output=True)
    assert WRITTEN == (folder / STUB).read_text(encoding="utf-8")
    assert (folder / "assignments/week_2/README.md").is_file()


def test_folder_that_is_no_clone_is_said_to_be_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", "/")
    with pytest.raises(InputError, match="is no clone of git"):
        updated(tmp_path, 2)


def test_without_git_one_is_told_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="git isn't installed"):
        updated(tmp_path, 2)


def test_name_in_a_report_is_gits_or_the_clones(origin: Path, tmp_path: Path) -> None:
    folder = clone(origin)
    assert "A. Person" == own_name(folder)  # who made the last commit
    git(folder, "config", "user.name", "Ada Kim")
    assert "Ada Kim" == own_name(folder)
    plain = tmp_path / "copied"
    plain.mkdir()
    assert "copied" == own_name(plain)
