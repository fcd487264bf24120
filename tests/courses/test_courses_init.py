"""`autograder init` makes a course that works at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from courses_run import program

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("init")]  # one course, made once


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a course that was just made."""
    folder = tmp_path_factory.mktemp("new")
    done = program(folder, "autograder", "init", "numerics")
    assert (0, "") == (done.returncode, done.stderr)
    listed = {line.removeprefix("made ") for line in done.stdout.splitlines() if "made " in line}
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert listed == found
    assert "Next: cd numerics && make grade WEEK=1 SUBMISSION=solutions/week_1\n" in done.stdout
    return folder / "numerics"


def test_stubs_score_nothing(made: Path) -> None:
    done = program(made, "make", "grade", "WEEK=1")
    assert 0 == done.returncode, done.stderr
    assert "0/100 points" in done.stdout
    assert "3 checks not attempted" in done.stdout
    assert "week_1/integrals.py:16  trapezoid" in done.stdout
    assert "Integrals" in (made / "reports" / "week_1.html").read_text()


def test_it_is_trusted(made: Path) -> None:
    assert 0 == program(made, "autograder", "weeks").returncode
    assert 0 == program(made, "release", "build", "1").returncode


def test_reference_has_full_marks(made: Path) -> None:
    done = program(made, "make", "grade", "WEEK=1", "SUBMISSION=solutions/week_1")
    assert 0 == done.returncode, done.stderr
    assert "\n100/100 points" in done.stdout


def test_course_is_proven(made: Path) -> None:
    done = program(made, "make", "verify")
    assert 0 == done.returncode, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("week 1: ")]
    assert {"ok", "none"} == {line.split()[2] for line in lines}
    assert "each of 4 mistakes is caught" in lines[-1]


def test_branch_for_students_is_made_and_holds_no_secret(made: Path) -> None:
    done = program(made, "make", "release", "WEEK=1")
    assert 0 == done.returncode, done.stdout + done.stderr
    listed = program(made, "git", "ls-tree", "-r", "--name-only", "week_1_exercise").stdout
    files = listed.splitlines()
    assert {"README.md", "Makefile", "course.toml", ".gitignore"} < set(files)
    assert "assignments/week_1/integrals.py" in files
    assert not [name for name in files if name.startswith(("solutions", "autograder"))]
    ignored = program(made, "git", "status", "--porcelain", "--untracked-files=all").stdout
    assert "solutions/week_1/integrals.py" in ignored
    assert not [name for name in (".course-secret", ".cache/", "reports/") if name in ignored]


@pytest.mark.parametrize("what", ["a folder with a file", "a file"])
def test_folder_that_holds_something_is_refused(tmp_path: Path, what: str) -> None:
    target = tmp_path / "numerics"
    if what == "a file":
        target.write_text("kept")
    else:
        target.mkdir()
        (target / "notes.txt").write_text("kept")
    done = program(tmp_path, "autograder", "init", "numerics")
    assert (2, "") == (done.returncode, done.stdout)
    assert (
        "autograder: numerics is not empty: name a new folder, or empty this one\n" == done.stderr
    )
    assert ["kept"] == [p.read_text() for p in tmp_path.rglob("*") if p.is_file()]


def test_empty_repository_is_taken(tmp_path: Path) -> None:
    program(tmp_path, "git", "init", "--quiet", ".")
    assert 0 == program(tmp_path, "autograder", "init", ".").returncode
    assert (tmp_path / "course.toml").is_file()


def test_help_has_examples(tmp_path: Path) -> None:
    done = program(tmp_path, "autograder", "init", "--help")
    assert "autograder init numerics" in done.stdout
