"""Whatever ends a run: no process stays, no temporary file, and the next run goes on."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grader_call import program
from grader_course import REPOSITORY, SECRET

from course.config import Course

HERE = Path(__file__).parent
GRADE_ALL = ["grade-all", "1", "class"]
PLAIN = [*GRADE_ALL, "--unsafe-no-sandbox"]
ONE = ["grade", "1", "--submission", "class/ada"]


@pytest.fixture
def place(course: Course, tmp_path: Path) -> Path:
    """A folder with a course whose expected values are cached: torch isn't what is killed here."""
    shutil.copytree(course.root, tmp_path / "course")
    (tmp_path / "course" / ".course-secret").write_text(SECRET)
    return tmp_path


def said_by(script: str, place: Path, *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, str(HERE / script), str(place), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.proof
def test_runs_that_are_killed_at_any_moment_leave_nothing_and_change_no_record(
    place: Path,
) -> None:
    said = said_by("grader_kills.py", place, "3", "2")
    assert [] == said["problems"]
    assert said["codes"]


@pytest.mark.proof
@pytest.mark.parametrize(
    ("how", "arguments", "code"),
    [
        (signal.SIGKILL, GRADE_ALL, -9),
        (signal.SIGTERM, GRADE_ALL, 130),
        (signal.SIGINT, GRADE_ALL, 130),
        (signal.SIGKILL, PLAIN, -9),
        (signal.SIGTERM, PLAIN, 130),
        (signal.SIGKILL, [*ONE, "--unsafe-no-sandbox"], -9),
        (signal.SIGINT, ONE, 130),
    ],
    ids=lambda value: value if isinstance(value, int) else None,
)
def test_worker_in_an_endless_loop_ends_with_the_run(
    how: signal.Signals, arguments: list[str], code: int, place: Path
) -> None:
    said = said_by("grader_endless.py", place, str(int(how)), *arguments)
    assert (code, []) == (said["code"], said["survivors"])
    assert how == signal.SIGKILL or [] == said["left"]


# ---- temporary folders -------------------------------------------------------------------------


@pytest.fixture
def short() -> Iterator[Path]:
    """A temporary folder whose name is short enough to be used."""
    with tempfile.TemporaryDirectory(prefix="short-", dir="/tmp") as folder:
        yield Path(folder)


USES = """
import os, sys, tempfile
from autograder import temporary
temporary.use_one_folder()
print(tempfile.mkdtemp())
sys.stdout.flush()
if sys.argv[1:]:
    os._exit(9)
"""


def use(folder: Path, *arguments: str) -> Path:
    """The folder that a process made, which then exits, or ends as if it were killed."""
    done = program(REPOSITORY, "-c", USES, *arguments, TMPDIR=str(folder))
    assert "" == done.error
    return Path(done.out.strip())


def test_temporary_folder_goes_with_its_process(short: Path) -> None:
    made = use(short)
    (base,) = short.iterdir()
    assert made.is_relative_to(base)
    assert 0o700 == base.stat().st_mode & 0o777
    assert [] == list(base.iterdir())


def test_folder_of_a_killed_process_is_removed_by_the_next_one(short: Path) -> None:
    killed = use(short, "killed")
    assert killed.is_dir()
    use(short)
    assert not killed.exists()


LIVES = "import sys\n" + USES.partition("if sys.argv")[0] + "sys.stdin.read()\n"


def test_folder_of_a_living_process_stays(short: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LIVES],
        cwd=REPOSITORY,
        env={"TMPDIR": str(short), "PATH": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as living:
        assert living.stdout is not None
        made = Path(living.stdout.readline().strip())
        use(short)
        assert made.is_dir()
    assert 0 == living.returncode
    assert not made.exists()


def test_place_with_a_long_name_is_left_alone(short: Path) -> None:
    long = short / ("x" * 100)
    long.mkdir()
    assert use(long).is_relative_to("/tmp")
    assert [] == list(long.iterdir())


def test_folder_of_somebody_else_is_not_used(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder import temporary

    monkeypatch.setattr(tempfile, "tempdir", str(short))
    (short / "elsewhere").mkdir()
    (short / f"autograder-{temporary.os.getuid()}").symlink_to(short / "elsewhere")
    with pytest.raises(FileExistsError, match="belongs to somebody else"):
        temporary.use_one_folder()
    assert [] == list((short / "elsewhere").iterdir())
