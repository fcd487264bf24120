"""Grading on every save: what runs, what is told, and what a save in between ends."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from grader_checkout import checkout
from rich.console import Console

from autograder.options import InputError, Options
from autograder.results import Verdict
from autograder.submission.waiting import Waiting
from autograder.watching import watch as watching
from autograder.watching.contents import refuse_half_saved
from autograder.watching.saves import Saves, watched
from autograder.watching.watch import Watch, watch
from course.config import Course

OPTIONS = Options(sandboxed=False, public_only=True)
RELU = "self.mask = x > 0"
TRAINS = '''
import pytest


@pytest.mark.accuracy
def test_trains(student, parity):
    """Trains."""
    parity.equal("epochs", student.linear.epochs(), 3)
'''
UNFINISHED = {
    "": "assignments/week_1/linear.py is empty: is it half-saved? Save it again",
    "def forward(": "linear.py:1 isn't Python yet: '(' was never closed",
    "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> origin\n": "is where git could not merge",
}


def in_one_line(said: str) -> str:
    return " ".join(said.replace("│", "").split())


@dataclass
class Session:
    """A watch without a terminal, and what it printed."""

    course: Course
    watch: Watch
    printed: io.StringIO
    saves: Saves

    def save(self, name: str, text: str) -> str:
        """What is told of a save."""
        (self.watch.folder / name).write_text(text, encoding="utf-8")
        return self.look()

    def look(self) -> str:
        self.printed.truncate(0)
        self.printed.seek(0)
        self.watch.look(self.saves)
        return self.printed.getvalue()

    def text(self, name: str) -> str:
        return (self.watch.folder / name).read_text(encoding="utf-8")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Week 1, solved; nothing is graded yet."""
    course, printed = checkout(tmp_path / "내 과제"), io.StringIO()
    page = course.root / "reports/watch/report.html"
    console = Console(file=printed, width=100)
    watching = Watch(course, course.week(1), course.assignments / "week_1", OPTIONS, page, console)
    yield Session(course, watching, printed, Saves())
    watching.waiting.close()


def test_a_save_says_what_it_changed_and_only_where_it_did(session: Session) -> None:
    assert "+28.27: ReLU, output; " in session.look()
    assert "" == session.look()  # nothing was saved
    right = session.text("activations.py")
    assert RELU in right

    told = session.save("activations.py", right.replace(RELU, "self.mask = x > -1"))
    assert "assignments/week_1/activations.py" in told
    assert "-1.45: ReLU, gradient of the input" in told
    assert "✗ failed" in told
    assert "Sigmoid" not in told
    assert "Next: Fix “ReLU: gradient of the input”" in told

    assert 1 == session.save("activations.py", right).count("+1.45: ReLU, gradient of the input")
    assert "+1.45: ReLU, gradient" in session.watch.page.read_text(encoding="utf-8")
    assert "as before" in session.save("activations.py", right + "\n# a remark\n")
    assert 4 == len(session.watch.shares)
    page = session.watch.page.read_text(encoding="utf-8")
    assert '<meta http-equiv="refresh"' in page
    assert "as before" in page
    session.watch.write_page(goes_on=False)
    assert 'http-equiv="refresh' not in session.watch.page.read_text(encoding="utf-8")


def test_what_is_saved_runs_in_other_processes_one_for_each_save(session: Session) -> None:
    """Never in this one, which knows what is expected, and stays."""
    noted = session.course.root / "pids"
    line = f"import os; open({str(noted)!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
    text = session.text("losses.py").replace("import numpy as np\n", f"import numpy as np\n{line}")
    session.save("losses.py", text)
    session.save("losses.py", f"{text}# again\n")
    processes = noted.read_text(encoding="utf-8").split()
    assert 2 == len(set(processes))
    assert str(os.getpid()) not in processes


def test_what_cannot_be_graded_yet_is_told_and_changes_nothing(session: Session) -> None:
    session.look()
    before, right = session.watch.record, session.text("linear.py")
    for text, told in UNFINISHED.items():
        said = in_one_line(session.save("linear.py", text))
        assert told in said
        assert "What was graded before stands." in said
        assert before == session.watch.record
        assert text == session.text("linear.py")
    assert "as before" in session.save("linear.py", right)

    given = session.course.assignments / "given"
    given.rename(session.course.root / "elsewhere")
    assert "git checkout HEAD -- assignments/given" in in_one_line(session.look())
    (session.course.root / "elsewhere").rename(given)
    assert "as before" in session.look()
    (session.watch.folder / "losses.py").unlink()
    told = in_one_line(session.look())
    assert "git checkout HEAD -- assignments/week_1/losses.py" in told


def test_a_loop_without_an_end_is_spoken_of_while_it_runs(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = replace(OPTIONS.limits, check_seconds=0.5, total_seconds=1.0)
    session.watch.options = session.watch.rounds.options = replace(OPTIONS, limits=limits)
    session.watch.waiting.close()
    session.watch.waiting = Waiting(session.course, session.watch.week, session.watch.options)
    monkeypatch.setattr(watching, "SILENT", 0.0)
    loops = session.text("activations.py").replace(RELU, "while True: pass")
    said = in_one_line(session.save("activations.py", loops))
    assert "A loop without an end is stopped after 0.5 s in each check." in said
    assert "timeout" in {check.verdict for check in session.watch.rounds.results.values()}


def test_a_save_ends_what_still_trains(session: Session) -> None:
    """An endless loop in training holds nobody up: the next save is graded at once."""
    checks = session.course.checks(1)
    (checks / "test_accuracy.py").write_text(TRAINS, encoding="utf-8")
    right = session.text("linear.py") + "\n\ndef epochs():\n    return 3\n"
    session.save("linear.py", right)
    assert session.watch.record is not None
    assert Verdict.PASSED is session.watch.record.checks[-1].verdict

    # Here the submission itself saves, when it is called.
    saves = f"open({str(session.watch.folder / 'linear.py')!r}, 'w').write({right!r})"
    loops = right.replace("    return 3", f"    {saves}\n    while True: pass")
    with watched([session.watch.folder]) as session.saves:
        told = session.save("linear.py", loops)
    assert "the rest runs" in told
    assert "Next" not in told
    assert "Next: All public checks pass." in session.look()
    assert all(check.verdict is Verdict.PASSED for check in session.watch.record.checks)


def test_files_are_watched_and_ctrl_c_ends_it(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """watchfiles tells of the save; what a second watch of the same week is told, too."""
    page, folder = session.watch.page, session.watch.folder
    console = session.watch.console
    seen: list[str] = []

    def look(self: Watch, notices: Saves) -> None:
        seen.append((folder / "linear.py").read_text(encoding="utf-8")[:4])
        if seen[-1] == "new\n":
            raise KeyboardInterrupt
        if len(seen) == 1:
            with pytest.raises(InputError, match="being watched already"):
                watch(session.course, self.week, folder, OPTIONS, page, console)
            (folder / "linear.py").write_text("new\n", encoding="utf-8")

    monkeypatch.setattr(Watch, "look", look)
    watch(session.course, session.watch.week, folder, OPTIONS, page, console)
    assert "new\n" == seen[-1]
    assert "Stopped watching." in session.printed.getvalue()


def test_name_of_a_folder_is_no_command_for_a_terminal_or_a_shell(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    course, page, console = session.course, session.watch.page, session.watch.console
    elsewhere, inside = tmp_path / "\x1b[31m[b]\nx; y", course.assignments / "a; b"
    for folder in (elsewhere, inside):
        shutil.copytree(session.watch.folder, folder)
        (folder / "linear.py").unlink()

    def look(self: Watch, notices: Saves) -> None:
        with pytest.raises(InputError) as refused:
            refuse_half_saved(course, self.week, self.folder)
        session.printed.write(str(refused.value).rpartition("linear.py")[2])  # any command
        raise KeyboardInterrupt

    monkeypatch.setattr(Watch, "look", look)
    watch(course, session.watch.week, elsewhere, OPTIONS, page, console)
    told = session.printed.getvalue()
    assert "\x1b" not in told
    assert "[b]" in told
    assert "git checkout" not in told  # it is in no clone of ours
    with pytest.raises(InputError, match=r"git checkout HEAD -- 'assignments/a; b/linear\.py'"):
        refuse_half_saved(course, session.watch.week, inside)


def test_missing_watchfiles_is_a_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(InputError, match="make watch"), watched([tmp_path]):
        pass
