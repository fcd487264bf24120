"""A course with something wrong in it: one message, with its place and what to do, no traceback."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import cli
from release import cli as release_cli

pytestmark = pytest.mark.xdist_group("clustering")  # built once
Call = Callable[..., tuple[int, str]]
CHECKS = "solutions/week_2/checks/test_pca.py"


@pytest.fixture
def call(own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a program in the course's folder: its exit code, and what it says of errors."""
    monkeypatch.chdir(own)

    def run(program: str, *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", [program, *arguments])
        with pytest.raises(SystemExit) as ended:
            (cli if program == "autograder" else release_cli).main()
        return int(ended.value.code or 0), capsys.readouterr().err

    return run


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


GRADE = ("autograder", "grade", "2", "--submission", "solutions/week_2")
CANNOT = "autograder: the checks of week 2 can't be run: "


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (CHECKS, "def draw(rng):", "def draw(rng)", f"{CHECKS}:7: can't be loaded: SyntaxError"),
        (
            CHECKS,
            "import pytest",
            "import pytets",
            f"{CHECKS}:4: can't be loaded: ModuleNotFoundError: No module named 'pytets'",
        ),
        (
            CHECKS,
            "def draw(rng):",
            "1 / 0\n\n\ndef draw(rng):",
            f"{CHECKS}:7: can't be loaded: Zero",
        ),
        (
            CHECKS,
            "oracle.pca(x, 2).components",
            "oracle.pac(x, 2).components",
            f"{CHECKS}:19: no oracle pac: there is no solutions/oracles/pac.py. Did you mean ",
        ),
        (
            "solutions/oracles/pca.py",
            "def pca(",
            "def pc(",
            f"{CHECKS}:19: solutions/oracles/pca.py defines no function pca",
        ),
        (
            "solutions/oracles/pca.py",
            "import numpy as np",
            "import nunpy as np",
            "solutions/oracles/pca.py:3: can't be loaded: ModuleNotFoundError: No module named",
        ),
        (
            "solutions/oracles/pca.py",
            "def pca(x, n_components):",
            "def pca(x, n_components)",
            "solutions/oracles/pca.py:6: can't be loaded: SyntaxError",
        ),
    ],
)
def test_checks_that_do_not_work_end_with_3(
    own: Path, call: Call, file: str, old: str, new: str, message: str
) -> None:
    edit(own / file, old, new)
    shutil.rmtree(own / ".cache", ignore_errors=True)
    code, said = call(*GRADE)
    assert 3 == code
    assert said.startswith(CANNOT)
    assert message in said
    assert "Traceback" not in said
    assert str(own) not in said


def test_checks_that_are_none_end_with_3(own: Path, call: Call) -> None:
    (own / CHECKS).write_text('"""Nothing yet."""\n')
    assert (3, f"{CANNOT}solutions/week_2/checks holds none\n") == call(*GRADE)
    shutil.rmtree((own / CHECKS).parent)
    code, said = call(*GRADE)
    assert (
        3,
        "autograder: there are no checks for week 2: solutions/week_2/checks is missing\n",
    ) == (
        code,
        said,
    )


def test_fixtures_that_do_not_load_end_with_3(own: Path, call: Call) -> None:
    (own / "solutions" / "fixtures.py").write_text("import pytest\nimport nowhere\n")
    code, said = call(*GRADE)
    assert 3 == code
    assert said == (
        "autograder: solutions/fixtures.py:2: can't be loaded: "
        "ModuleNotFoundError: No module named 'nowhere'\n"
    )


def test_fixture_that_does_not_exist_is_nobodys_mistake(
    own: Path, call: Call, tmp_path: Path
) -> None:
    edit(
        own / CHECKS,
        "def test_pca_components(student,",
        "def test_pca_components(contract, student,",
    )
    code, said = call(*GRADE, "--json", str(tmp_path / "out.json"))
    assert (3, "") == (code, said)
    record = (tmp_path / "out.json").read_text()
    assert "setup failed: there is no fixture contract" in record
    assert '"complete": false' in record


def test_given_code_that_does_not_exist_is_nobodys_mistake(
    own: Path, call: Call, tmp_path: Path
) -> None:
    edit(
        own / CHECKS, "def test_pca_components(student,", "def test_pca_components(given, student,"
    )
    code, said = call(*GRADE, "--json", str(tmp_path / "out.json"))
    assert (3, "") == (code, said)
    assert "the course has no folder given" in (tmp_path / "out.json").read_text()


@pytest.mark.parametrize("left", ["nothing", "a folder", "a handout"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("autograder", "grade", "2"),
        ("autograder", "grade-all", "2", "nobody"),
        ("autograder", "verify", "2"),
        ("release", "build", "2"),
        ("release", "publish", "2"),
    ],
)
def test_week_that_is_not_written_ends_with_2(
    own: Path, call: Call, left: str, arguments: tuple[str, ...]
) -> None:
    week = own / "solutions" / "week_2"
    shutil.rmtree(week)
    if left != "nothing":
        week.mkdir()
    if left == "a handout":
        (week / "README.md").write_text("# Week 2\n")
    code, said = call(*arguments)
    assert 2 == code
    assert said.removeprefix("autograder: ") == (
        "course.toml: [weeks.week_2]: solutions/week_2 holds no module. Write it first. "
        "Weeks that are there: 1.\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("autograder", "verify"),
        ("autograder", "expected", "1", "--out", "."),
        ("autograder", "calibrate", "1"),
        ("release", "build", "all"),
        ("release", "verify", "1"),
        ("release", "publish", "1"),
    ],
)
def test_student_can_not_do_what_only_authors_can(
    own: Path, call: Call, arguments: tuple[str, ...]
) -> None:
    shutil.rmtree(own / "solutions")
    code, said = call(*arguments)
    assert 2 == code
    assert said.removeprefix("autograder: ") == (
        "solutions/: missing. Only the instructor's repository has this.\n"
    )


def test_week_that_was_not_released_ends_with_2(own: Path, call: Call) -> None:
    shutil.rmtree(own / "solutions")
    shutil.rmtree(own / "assignments" / "week_2")
    assert call("autograder", "grade", "2") == (
        2,
        "autograder: course.toml: [weeks.week_2]: assignments/week_2 holds no module. "
        "It was not released yet, or not merged: `make update` gets what is out. "
        "Weeks that are there: 1.\n",
    )


@pytest.mark.parametrize("program", ["autograder", "release"])
@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (">=9.1", 'engine = ">=9.1", and the engine installed here is '),
        ("<0.1", 'engine = "<0.1", and the engine installed here is '),
        ("new", 'engine = "new": write it as ">=0.2".'),
    ],
)
def test_engine_that_is_another_ends_with_2(
    own: Path, call: Call, program: str, wanted: str, message: str
) -> None:
    edit(own / "course.toml", ">=0.2", wanted)
    edit(own / "course.toml", "[standards]", "[not_yet_known]\n[standards]")
    code, said = call(program, "verify", "1")
    assert 2 == code
    assert said.removeprefix("autograder: ").startswith(f"course.toml: [course]: {message}")
    assert "not_yet_known" not in said


def test_week_that_was_not_built_ends_with_2(own: Path, call: Call) -> None:
    shutil.rmtree(own / "assignments")
    assert call("autograder", "grade", "2") == (
        2,
        "autograder: assignments/week_2 is not a folder: make it with `release build 2`, or hand "
        "over another\n",
    )


def test_week_without_checks_of_accuracy_has_nothing_to_calibrate(own: Path, call: Call) -> None:
    code, said = call("autograder", "calibrate", "1")
    assert 2 == code
    assert said == (
        "autograder: week 1 has no checks of accuracy: "
        "solutions/week_1/checks/test_accuracy.py is missing\n"
    )
