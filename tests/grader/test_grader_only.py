"""Only a class, a module or a check: what is run, what it is worth, and what isn't known."""

from __future__ import annotations

from pathlib import Path

import pytest
from grader_course import CHECKS, LINEAR, graded

from autograder.checking.choosing import todos_of
from autograder.options import InputError
from autograder.report import summary
from autograder.results import CheckResult, Record, Todo
from course.config import Course


def names(record: Record) -> set[str]:
    return {check.id.partition("::")[2] for check in record.checks}


@pytest.mark.parametrize("asked", ["Linear", "linear", " LINEAR ", "linear.py", "week_1/linear.py"])
def test_class_or_module_is_all_of_its_checks(course: Course, tmp_path: Path, asked: str) -> None:
    assert CHECKS == len(names(graded(course, tmp_path / "ada", LINEAR, only=asked)))


@pytest.mark.parametrize(
    "asked",
    [
        "test_linear_backward",
        "test_linear.py::test_linear_backward",
        "linear: gradient of the input",
    ],
)
def test_check_is_found_by_its_name_and_by_its_title(
    course: Course, tmp_path: Path, asked: str
) -> None:
    record = graded(course, tmp_path / "ada", LINEAR, only=asked)
    assert {"test_linear_backward"} == names(record)
    assert record.score == record.max_score > 0
    assert asked == record.only
    assert f"only {asked} was asked for: the week's other checks were not run" in record.notes
    assert summary.next_step(record).endswith("Grade the whole week: without ONLY.")


def test_check_is_worth_what_it_is_worth_in_the_whole(course: Course, tmp_path: Path) -> None:
    everything = graded(course, tmp_path / "ada", LINEAR)
    [alone] = graded(course, tmp_path / "ada", LINEAR, only="test_linear_backward").checks
    assert alone.max_points == {c.id: c.max_points for c in everything.checks}[alone.id]


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("Linaer", "Linear"), ("test_linear_backwards", "test_linear_backward")],
)
def test_unknown_one_names_the_nearest(
    course: Course, tmp_path: Path, asked: str, nearest: str
) -> None:
    words = rf'no module, class or check "{asked}"\. Did you mean "{nearest}"\?'
    with pytest.raises(InputError, match=words):
        graded(course, tmp_path / "ada", LINEAR, only=asked)


def test_only_the_todos_of_what_was_asked_for_are_listed() -> None:
    def todo(name: str, file: str = "week_1/activations.py") -> Todo:
        return Todo(file, 1, name, "")

    def check(name: str) -> CheckResult:
        return CheckResult(f"test_activations.py::{name}", name, "activations", 1, False)

    todos = [todo("ReLU.forward"), todo("Tanh.forward"), todo("Linear.forward", "week_1/linear.py")]
    relu, tanh = check("test_relu_forward"), check("test_tanh_forward")
    assert todos[:1] == todos_of([relu], todos)
    assert todos[:2] == todos_of([relu, tanh], todos)
    assert todos[:2] == todos_of([check("test_all_of_them")], todos)
