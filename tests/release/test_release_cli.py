"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import cli as autograder
from course.config import Course
from release.build import build
from release.cli import main

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs the program in the course's folder: exit code, output, errors."""
    monkeypatch.chdir(root)

    def run(*arguments: str, program: Callable[[], None] = main) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["release", *arguments])
        with pytest.raises(SystemExit) as exit_:
            program()
        out, err = capsys.readouterr()
        return int(exit_.value.code or 0), out, err

    return run


def test_build_lists_what_it_wrote(call: Call) -> None:
    code, out, err = call("build", "2")
    assert (code, err) == (0, "")
    assert "wrote   assignments/week_2/flatten.py\n" in out
    assert out.endswith("week 2: has no public checks.\nBuilt week 2.\n")


def test_course_that_lies_around_is_refused_and_one_that_is_named_is_not(
    call: Call, root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nothing-trusted"))
    code, out, err = call("build", "2")
    assert (code, out) == (2, "")
    assert f"{root}: this course is not trusted" in err
    monkeypatch.chdir("/")
    assert call("--course", str(root), "build", "2")[0] == 0


def test_build_works_from_a_folder_below(
    call: Call, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "solutions")
    assert call("build", "1")[0] == 0


def test_build_all_says_which_weeks_are_left_out(call: Call) -> None:
    code, out, _ = call("build", "all")
    assert code == 0
    assert "week 3: left out, it has no solutions yet.\n" in out
    assert "Built weeks 1, 2.\n" in out
    assert "Nothing to do for weeks 1, 2.\n" in call("build", "all")[1]


def test_build_lists_what_it_removed(call: Call, course: Course) -> None:
    build(course, [1])
    (course.assignments / "week_1/old.py").write_text("")
    assert "removed assignments/week_1/old.py\n" in call("build", "1")[1]


def test_check_fails_with_a_list_when_something_drifted(call: Call) -> None:
    code, out, err = call("build", "2", "--check")
    assert (code, err) == (1, "")
    assert "missing assignments/week_2/flatten.py\n" in out
    assert out.endswith("Build again with: release build 2\n")


def test_check_is_content_after_a_build(call: Call, course: Course) -> None:
    build(course, [1, 2])
    assert call("build", "all", "--check") == (0, "assignments/ is up to date (weeks 1, 2).\n", "")


def test_verify_is_content_after_a_build(call: Call, course: Course) -> None:
    build(course, [1, 2])
    assert call("verify", "all") == (0, "Nothing wrong, nothing leaked (weeks 1, 2).\n", "")


def test_verify_takes_one_module(call: Call, course: Course) -> None:
    build(course, [1])
    assert call("verify", "1", "--module", "linear") == (
        0,
        "Nothing wrong, nothing leaked (week 1: linear).\n",
        "",
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["1", "--module", "liner"], 'Did you mean "linear"?'),
        (["all", "--module", "linear"], "say in which week"),
    ],
)
def test_verify_needs_a_module_of_the_week(call: Call, arguments: list[str], words: str) -> None:
    code, _, err = call("verify", *arguments)
    assert code == 2
    assert words in err


def test_verify_fails_when_it_finds_something(call: Call, course: Course) -> None:
    build(course, [1])
    (course.assignments / "week_1/notes.py").write_text("return self.remembered * self.weight\n")
    code, out, _ = call("verify", "1")
    assert code == 1
    assert "leak: assignments/week_1/notes.py:1: holds the line of solutions/week_1" in out


@pytest.mark.usefixtures("git")
def test_publish_says_how_to_send_the_branch(call: Call, course: Course) -> None:
    build(course, [1, 2])
    code, out, _ = call("publish", "2")
    assert code == 0
    assert "committed to week_2_exercise" in out
    assert out.endswith("git push origin week_2_exercise\n")
    assert "no change on week_2_exercise" in call("publish", "2")[1]
    assert "committed to other" in call("publish", "2", "--branch", "other")[1]


def test_publish_needs_a_repository(
    call: Call, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", "/")
    code, _, err = call("publish", "1")
    assert code == 2
    assert "the course is in no git repository. Run `git init` first." in err


def test_publish_refuses_drift(call: Call, git: Callable[..., str]) -> None:
    code, _, err = call("publish", "1")
    assert code == 2
    assert "drift: missing assignments/week_1/linear.py\n" in err
    assert err.endswith("Nothing was published. Mend this, then publish again.\n")
    assert git("branch", "--list", "week_*") == ""


def test_publish_refuses_a_branch_with_the_answers(
    call: Call, course: Course, git: Callable[..., str]
) -> None:
    build(course, [1])
    git("branch", "draft")
    before = git("rev-parse", "draft")
    code, _, err = call("publish", "1", "--branch", "draft")
    assert code == 2
    assert "leak: draft: shares commits with main" in err
    assert before == git("rev-parse", "draft")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["build", "9"], "course.toml: no week 9. The weeks of this course: 1, 2, 3."),
        (
            ["build", "3"],
            "course.toml: [weeks.week_3]: solutions/week_3 holds no module. Write it first.",
        ),
        (["verify", "one"], '"one" is no week. Give a number, or "all".'),
        (["publish", "4"], "course.toml: no week 4."),
        (["publish", "all"], "Invalid value"),
        (["build", "1", "--chek"], "No such option"),
        (["biuld", "1"], "No such command"),
    ],
)
def test_wrong_usage_ends_with_2(call: Call, arguments: list[str], expected: str) -> None:
    code, _, err = call(*arguments)
    assert code == 2
    assert expected in err


def test_a_broken_course_file_ends_with_2(call: Call, root: Path) -> None:
    (root / "course.toml").write_text("[course]\n")
    code, _, err = call("build", "1")
    assert code == 2
    assert 'course.toml: [course]: "name" is missing.\n' in err


def test_a_students_tree_ends_with_2(call: Call, root: Path) -> None:
    (root / "solutions").rename(root / "elsewhere")
    code, _, err = call("build", "all")
    assert code == 2
    assert "Only the instructor's repository has this" in err


def test_a_course_without_any_week_written_ends_with_2(call: Call, root: Path) -> None:
    for number in (1, 2):
        (root / f"solutions/week_{number}").rename(root / f"week_{number}")
    assert call("build", "all")[0] == 2


def test_a_fault_of_the_release_ends_with_3(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("release.build.expect_public_checks", None)
    code, _, err = call("build", "1")
    assert code == 3
    assert "TypeError" in err
    assert "a fault of the release itself" in err


def test_long_paths_stay_whole_in_a_pipe(
    call: Call, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    name = "a" * 100
    (course.solutions / f"given/{name}.txt").write_text("")
    assert f"wrote   assignments/given/{name}.txt\n" in call("build", "1")[1]


@pytest.mark.parametrize("broken", ["[[mistake]\n", '[[mistake]]\nid = "a"\n', "[mistakes]\n"])
def test_a_broken_catalogue_says_the_same_to_the_release_and_to_the_grader(
    call: Call, course: Course, broken: str
) -> None:
    path = course.solutions / "week_1/mistakes.toml"
    path.write_text(broken + path.read_text())
    for command in ("build", "verify"):
        code, _, released = call(command, "1")
        assert code == 2
        assert released.startswith("solutions/week_1/mistakes.toml: ")
    code, _, graded = call("verify", "1", program=autograder.main)
    assert (code, graded) == (2, f"autograder: {released}")
