"""The command line with and without what it needs: a sandbox, torch, a terminal."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from grader_call import Ended, flat, program
from grader_course import LINEAR, REPOSITORY, graded, submit

from autograder.sandbox import launch as sandbox
from course.config import Course

# ---- sandbox or none ---------------------------------------------------------------------------


@pytest.fixture
def no_bwrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A PATH on which there is no bubblewrap."""
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox.unavailable.cache_clear()
    yield
    sandbox.unavailable.cache_clear()


def test_others_code_is_not_run_without_a_sandbox(
    no_bwrap: None, call: Callable[..., Ended]
) -> None:
    ended = call("grade", "1", "--submission", "ada")
    assert 2 == ended.code
    assert "bubblewrap (bwrap) is not installed: sudo apt-get install bubblewrap" in ended.error
    assert "say --unsafe-no-sandbox" in ended.error
    assert "" == ended.out


@pytest.mark.parametrize(
    "arguments",
    [["ada", "--unsafe-no-sandbox"], ["solutions/week_1"], ["../course/solutions/week_1"]],
)
def test_own_code_needs_no_sandbox(
    no_bwrap: None, call: Callable[..., Ended], arguments: list[str]
) -> None:
    ended = call("grade", "1", "--submission", *arguments)
    assert (0, "") == (ended.code, ended.error)
    assert "100/100 points" in ended.out


def test_link_does_not_make_others_code_ones_own(
    checkout: Path, no_bwrap: None, call: Callable[..., Ended]
) -> None:
    (checkout / "solutions" / "ada").symlink_to(checkout / "ada")
    assert 2 == call("grade", "1", "--submission", "solutions/ada").code


# ---- in a process of its own --------------------------------------------------------------------


def test_report_fits_a_pipe_and_has_no_colours(checkout: Path) -> None:
    wrong = "    def backward(self, grad_out):\n        return None  # " + "x" * 200 + "\n"
    submit(checkout / "ada", LINEAR + wrong)
    arguments = ("-m", "autograder", "grade", "1", "--submission", "ada")
    done = program(checkout, *arguments, NO_COLOR="1", COLUMNS="300", FORCE_COLOR="")
    assert (0, "") == (done.code, done.error)
    assert "\x1b" not in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert "got nothing (None)" in flat(done.out)


WARM = """
import sys
from autograder.cli import main
sys.argv = ["autograder", "grade", "1", "--submission", "solutions/week_1"]
try:
    main()
finally:
    print([name for name in sys.modules if name.split(".")[0] in ("torch", "given", "week_1")])
"""


def test_warm_run_imports_neither_torch_nor_the_submission(checkout: Path) -> None:
    program(checkout, "-c", WARM)
    done = program(checkout, "-c", WARM)
    assert "100/100 points" in done.out
    assert "[]" == done.out.splitlines()[-1]


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT"])
def test_signal_while_the_program_is_loaded_stops_it_like_a_later_one(
    checkout: Path, how: str
) -> None:
    (checkout / "fake").mkdir()
    loaded = f"import os, signal\nos.kill(os.getpid(), signal.{how})\n"
    (checkout / "fake" / "click.py").write_text(loaded)
    done = program(checkout, "-m", "autograder", "weeks", PYTHONPATH=str(checkout / "fake"))
    assert (130, "", "autograder: stopped.\n") == (done.code, done.out, done.error)


@pytest.mark.parametrize(
    "fault", ["raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')", "1 / 0 #"]
)
def test_missing_or_broken_torch_ends_with_3_and_advice(checkout: Path, fault: str) -> None:
    (checkout / "fake" / "torch").mkdir(parents=True)
    text = fault.replace("1 / 0 #", "raise ImportError('libgomp.so.1: cannot open')")
    (checkout / "fake" / "torch" / "__init__.py").write_text(text)
    shutil.rmtree(checkout / ".cache", ignore_errors=True)
    arguments = ("-m", "autograder", "grade", "1", "--submission", "solutions/week_1")
    done = program(checkout, *arguments, PYTHONPATH=str(checkout / "fake"))
    assert 3 == done.code
    assert "install what the oracles import" in done.error
    assert "Traceback" not in done.error


def test_run_leaves_nothing_that_git_would_show(checkout: Path) -> None:
    shutil.copy(REPOSITORY / ".gitignore", checkout)
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "all")):
        subprocess.run([*git, *command], cwd=checkout, check=True, capture_output=True)
    report = ("--html", "reports/week_1/report.html", "--json", "results/out.json")
    for _ in range(2):
        done = program(checkout, "-m", "autograder", "grade", "1", "--submission", "ada", *report)
        assert 0 == done.code
    left = subprocess.run(
        [*git, "status", "--porcelain"], cwd=checkout, check=True, capture_output=True, text=True
    )
    assert "" == left.stdout
    assert (checkout / "reports" / "week_1" / "report.html").is_file()


def test_worker_is_isolated_from_the_users_python(course: Course, tmp_path: Path) -> None:
    code = "import sys\nraise ValueError(sys.flags.isolated, sys.flags.no_site, sys.path[-1])\n"
    message = graded(course, tmp_path / "ada", code).checks[0].message
    assert "ValueError: (1, 1, " in message


LEAVING = """
import atexit, sys
from autograder.cli import start
sys.argv = ["autograder", *{arguments}]
atexit.register(sys.stderr.write, "done at the end\\n")
start()
"""


@pytest.mark.parametrize(
    ("arguments", "code"), [(["weeks"], 0), (["weeks", "99"], 2), (["grade", "99"], 2)]
)
def test_the_program_leaves_with_its_code_when_all_is_written_and_tidied(
    checkout: Path, arguments: list[str], code: int
) -> None:
    done = program(checkout, "-c", LEAVING.format(arguments=arguments))
    assert done.code == code
    assert done.error.endswith("done at the end\n")
    assert bool(done.out) == (code == 0)


def test_closed_output_is_no_fault(checkout: Path) -> None:
    command = f"{sys.executable} -m autograder weeks >&- 2>closed"
    done = subprocess.run(["bash", "-c", command], cwd=checkout, check=False)
    assert (0, "") == (done.returncode, (checkout / "closed").read_text())
