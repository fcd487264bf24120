"""What explanations give is released; beside solutions it is taken from there while it holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.options import Options
from autograder.oracle.released import Released
from autograder.probes import predictions as module
from autograder.probes.observing import FILE
from autograder.probes.predictions import Rank, explanations, predictions, up_to_date
from course.config import Course, load_course

ROOT = Path(__file__).parents[2]
OPTIONS = Options(sandboxed=False)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A copy of the course, for changes."""
    ignored = shutil.ignore_patterns("__pycache__", ".cache", "week_[2-9]", "week_10")
    for name in ("solutions", "assignments"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    text = (ROOT / "course.toml").read_text(encoding="utf-8")
    (tmp_path / "course.toml").write_text(text.partition("[weeks.week_2]")[0], encoding="utf-8")
    return load_course(tmp_path)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The modules of which something is computed: in this test nothing is."""
    found: list[str] = []
    monkeypatch.setattr(module, "computed", lambda *args: found.extend(args[2]) or [])
    return found


def ready(course: Course, number: int) -> set[str]:
    release = Released(course.released_checks(number) / FILE)
    week = course.week(number)
    return up_to_date(course, week, release, explanations(course, week))


def test_all_that_is_released_is_of_the_solutions_as_they_are() -> None:
    course = load_course(ROOT)
    for number, week in course.weeks.items():
        assert ready(course, number) == set(week.modules)


def test_nothing_is_computed_that_was_released(asked: list[str]) -> None:
    course = load_course(ROOT)
    found = predictions(course, course.week(1), ["linear"], OPTIONS)
    assert asked == []
    assert {one.rank for one in found} >= {Rank.SLIP, Rank.DEVIATION, Rank.MISTAKE}
    assert {one.module for one in found} == {"linear"}


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("solutions/week_1/linear.py", ["linear"]),
        ("solutions/week_1/checks/probes_linear.py", ["linear"]),
        ("solutions/given/shapes.py", ["linear", "losses"]),
    ],
)
def test_what_has_changed_is_computed(
    course: Course, asked: list[str], path: str, changed: list[str]
) -> None:
    with (course.root / path).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    assert ready(course, 1).isdisjoint(changed)
    predictions(course, course.week(1), ["linear"], OPTIONS)
    assert asked == ["linear"]


def test_another_sentence_is_another_explanation(course: Course) -> None:
    file = course.root / "solutions/week_1/mistakes.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("You return |x|.", "You give |x|."), encoding="utf-8")
    assert ready(course, 1) == {"losses", "linear"}


def test_without_a_release_all_is_computed(course: Course, asked: list[str]) -> None:
    shutil.rmtree(course.assignments)
    predictions(course, course.week(1), ["linear", "losses"], OPTIONS)
    assert asked == ["linear", "losses"]
