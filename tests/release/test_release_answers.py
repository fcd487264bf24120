"""Answers: what the branch reveals, that it asks, and what every later exercise does with it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from term import give_out

from course.config import Course
from course.errors import CourseError
from release import cli
from release.answers import prepare
from release.build import build
from release.publish import behind, publish

Run = Callable[..., str]
ANSWER = '''\
"""Linear layers."""

from given.module import Module


class Linear(Module):
    """y = W x."""

    def __init__(self, size: int = 3) -> None:
        self.size = size

    def forward(self, x: float, scale: float = 1.0) -> float:
        """Multiply."""
        self.remembered = x * scale + self.size
        return self.remembered * self.weight
'''


@pytest.fixture
def released(course: Course, git: Run, monkeypatch: pytest.MonkeyPatch) -> Course:
    build(course, [1, 2])
    monkeypatch.chdir(course.root)
    return course


def release(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """Exit code, output and errors of the program."""
    monkeypatch.setattr(sys, "argv", ["release", *arguments])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    out, err = capsys.readouterr()
    return int(exit_.value.code or 0), out, err


def test_it_says_what_it_reveals(
    released: Course, git: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(released, 1)
    code, out, err = release(monkeypatch, capsys, "answer", "1", "--yes")
    assert (0, "") == (code, err)
    assert out.startswith("week_1_answer reveals the solutions of week 1, Basis:\n")
    assert "  answers/week_1/linear.py\n" in out
    assert "Send it to the students: git push origin week_1_answer\n" in out
    assert out.endswith("Exercises from week 2 on carry them once they are published again.\n")
    assert ANSWER.strip() == git("show", "week_1_answer:answers/week_1/linear.py")
    added = git("diff", "--name-status", "week_1_exercise", "week_1_answer").splitlines()
    assert ["A\tanswers/week_1/__init__.py", "A\tanswers/week_1/linear.py"] == added
    assert git("rev-parse", "week_1_exercise") == git("rev-parse", "week_1_answer^")
    assert "no change on week_1_answer" in release(monkeypatch, capsys, "answer", "1")[1]


@pytest.mark.parametrize(
    ("terminal", "answer", "code", "words"),
    [
        (False, True, 2, "in a script: make answer WEEK=1 YES=1, or release answer 1 --yes"),
        (True, False, 1, "Nothing was published."),
    ],
)
def test_without_a_yes_nothing_is_published(
    released: Course,
    git: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    terminal: bool,
    answer: bool,
    code: int,
    words: str,
) -> None:
    publish(released, 1)
    monkeypatch.setattr(cli.sys.stdin, "isatty", lambda: terminal)
    monkeypatch.setattr(cli.click, "confirm", lambda _: answer)
    done, out, err = release(monkeypatch, capsys, "answer", "1")
    assert code == done
    assert words in out + err
    assert "" == git("branch", "--list", "week_1_answer")


def test_exercise_comes_first(released: Course) -> None:
    with pytest.raises(CourseError, match="Publish it first: release publish 1"):
        prepare(released, 1)


def test_answer_that_would_leak_is_not_published(
    released: Course, git: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(released, 1)
    linear = released.solutions / "week_1/linear.py"
    text = linear.read_text().replace("* self.weight", "* self.weight  # not linear-squared")
    linear.write_text(text)
    code, _, err = release(monkeypatch, capsys, "answer", "1", "--yes")
    assert code == 2
    assert "answers/week_1/linear.py:15: holds the id of mistake linear-squared." in err
    assert err.endswith("Nothing was published. Mend this, then publish again.\n")
    assert "" == git("branch", "--list", "week_1_answer")


def test_later_exercises_carry_answers_and_earlier_ones_do_not(released: Course, git: Run) -> None:
    publish(released, 1)
    publish(released, 2)
    give_out(released, 1)
    publish(released, 1)
    done = publish(released, 2)
    assert done.created
    listed = "ls-tree", "-r", "--name-only"
    assert "answers/week_1/linear.py" in git(*listed, "week_2_exercise")
    assert "answers/" not in git(*listed, "week_1_exercise")
    assert git("merge-base", "week_1_answer", "week_2_exercise") == git(
        "rev-parse", "week_1_answer"
    )


def test_correction_says_which_later_exercises_lack_it(released: Course, git: Run) -> None:
    publish(released, 1)
    publish(released, 2)
    assert [] == behind(released, 1)
    (released.assignments / "week_1/README.md").write_text("# Corrected\n")
    publish(released, 1)
    assert ["week_2_exercise"] == behind(released, 1)
    publish(released, 2)
    assert [] == behind(released, 1)
    assert "# Corrected" == git("show", "week_2_exercise:assignments/week_1/README.md")


def test_shallow_clone_can_not_publish(
    released: Course, git: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("add", "--all")
    git("commit", "--quiet", "--message", "a second one")
    (released.root / ".git/shallow").write_text(git("rev-parse", "HEAD") + "\n")
    with pytest.raises(CourseError, match="git fetch --unshallow"):
        publish(released, 1)
