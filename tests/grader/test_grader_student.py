"""A student's checkout: released values instead of torch, hints without solutions."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from grader_course import LINEAR, REPOSITORY, graded, named
from grader_pool import in_this_process

from autograder.author.expected import write_expected
from autograder.grading import grade
from autograder.mistakes import spreading
from autograder.options import GradingError, InputError
from autograder.oracle.expected import NoOracle
from autograder.oracle.released import Released
from autograder.results import Record
from course.config import Course, load_course
from course.markers import strip_hidden, strip_solutions

pytestmark = pytest.mark.xdist_group("student")  # one release, made once

CATALOGUE = """
[[mistake]]
id = "linear-bias-subtracted"
where = "linear.py: Linear.forward"
replace = "y += self.bias.data"
with = "y -= self.bias.data"
hint = "The bias is added."
checks = ["test_linear_forward"]

[[mistake]]
id = "linear-weight-grad-of-hidden-interest"
where = "linear.py: Linear.backward"
replace = "self.weight.grad += "
with = "self.weight.grad = "
hint = "Gradients add up."
checks = ["test_linear_parameter_grads"]

[[mistake]]
id = "linear-float32-lost"
where = "linear.py: Linear.forward"
replace = "return "
with = "return np.float64(1.0) * "
hint = "The dtype is kept."
checks = ["test_linear_float32"]
"""
PUBLIC = {"test_linear_forward", "test_linear_backward", "test_linear_parameter_grads"}


@pytest.fixture(scope="module")
def student(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """What is released of the course: the skeleton, public checks and their expected values."""
    root = tmp_path_factory.mktemp("released")
    full = root / "full"
    shutil.copytree(course.root, full)
    (full / "solutions" / "week_1" / "mistakes.toml").write_text(CATALOGUE)
    week = root / "assignments" / "week_1"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spreading, "pool", in_this_process)
        own = load_course(full)
        write_expected(own, own.week(1), week / "checks")
    checks = (full / "solutions/week_1/checks/test_linear.py").read_text(encoding="utf-8")
    (week / "checks/test_linear.py").write_text(strip_hidden(checks, "test_linear.py"))
    (week / "linear.py").write_text(strip_solutions(LINEAR, "week_1/linear.py"))
    shutil.copytree(full / "solutions" / "given", root / "assignments" / "given")
    shutil.copy(full / "course.toml", root)
    shutil.copy(full / "solutions" / "fixtures.py", root / "assignments")
    shutil.rmtree(full)
    return load_course(root)


@pytest.fixture(autouse=True)
def no_torch(student: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)


def names(found: Record) -> set[str]:
    return {check.id.partition("::")[2] for check in found.checks}


def test_untouched_stubs_score_nothing_and_list_what_is_to_do(student: Course) -> None:
    found = grade(student, student.week(1), student.assignments / "week_1", options())
    assert PUBLIC == names(found)
    assert {"not_attempted"} == {check.verdict for check in found.checks}
    assert (0.0, True) == (found.score, found.complete)
    assert ["Linear.__init__", "Linear.forward", "Linear.backward"] == [t.name for t in found.todos]


def options() -> object:
    from grader_course import options as quick

    return quick(secret=None)


def test_right_code_gets_full_marks_without_torch(student: Course, tmp_path: Path) -> None:
    found = graded(student, tmp_path / "ada", LINEAR, secret=None)
    assert PUBLIC == names(found)
    assert found.max_score == found.score > 0


def test_public_checks_are_worth_what_they_are_worth_in_grading(
    course: Course, student: Course, tmp_path: Path
) -> None:
    ours = graded(course, tmp_path / "ada", LINEAR)
    theirs = graded(student, tmp_path / "ada", LINEAR, secret=None)
    assert 100 == ours.max_score
    public = {check.id: check.max_points for check in ours.checks if not check.hidden}
    assert public == {check.id: check.max_points for check in theirs.checks}


@pytest.mark.parametrize("content", [None, b"{", b'{"test_linear.py::test_linear_forward": "9"}'])
def test_points_that_are_not_there_are_the_graders_fault(
    student: Course, tmp_path: Path, content: bytes | None
) -> None:
    root = tmp_path / "checkout"
    shutil.copytree(student.root, root)
    path = root / "assignments" / "week_1" / "checks" / "points.json"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(GradingError, match=r"missing or damaged.*Bring it back with `git"):
        graded(load_course(root), tmp_path / "ada", LINEAR, secret=None)


def test_mistake_is_explained_without_the_solution(student: Course, tmp_path: Path) -> None:
    wrong = LINEAR.replace("y += self.bias.data", "y -= self.bias.data")
    found = graded(student, tmp_path / "ada", wrong, secret=None, explain=True)
    assert "The bias is added." == named(found, "test_linear_forward").hint


def test_mistakes_that_only_hidden_checks_show_are_not_released(student: Course) -> None:
    released = (student.checks(1) / "mistakes.json").read_text(encoding="utf-8")
    assert ["linear-bias-subtracted", "linear-weight-grad-of-hidden-interest"] == [
        mistake["id"] for mistake in json.loads(released)
    ]


@pytest.mark.parametrize("week", load_course(REPOSITORY).written)
def test_every_released_mistake_can_be_shown(week: int) -> None:
    checks = REPOSITORY / "assignments" / f"week_{week}" / "checks"
    ids = [mistake["id"] for mistake in json.loads((checks / "mistakes.json").read_bytes())]
    arrays = Released(checks / "expected.npz").arrays
    assert ids
    assert set(ids) == {name.split("/")[1] for name in arrays if name.startswith("mistake/")}


def test_student_needs_no_secret_and_makes_none(student: Course, tmp_path: Path) -> None:
    graded(student, tmp_path / "ada", LINEAR, secret=None)
    assert not (student.root / ".course-secret").exists()


def test_nothing_released_holds_a_line_of_the_solution_or_a_hidden_check(student: Course) -> None:
    released = b"".join(p.read_bytes() for p in student.root.rglob("*") if p.is_file())
    for line in (b"rows @ self.weight.data.T", b"y += self.bias.data", b"y -= self.bias.data"):
        assert line not in released
    assert b"test_linear_float32" not in released
    arrays = Released(student.checks(1) / "expected.npz").arrays
    assert PUBLIC == {n.partition("::")[2].partition("#")[0].partition("\t")[0] for n in arrays}


def test_value_that_was_not_released_is_the_graders_fault(student: Course, tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    shutil.copytree(student.root, root)
    np.savez(root / "assignments" / "week_1" / "checks" / "expected.npz")
    shutil.rmtree(root / ".cache", ignore_errors=True)
    own = load_course(root)
    with pytest.raises(GradingError, match="bring the week's checks back with `git checkout`"):
        graded(own, tmp_path / "ada", LINEAR, secret=None)
    assert issubclass(NoOracle, Exception)


def test_numbers_of_a_rehearsal_are_always_the_same(student: Course, tmp_path: Path) -> None:
    printing = LINEAR.replace("self.x = x", "self.x = x; print(x)")
    one, two = (graded(student, tmp_path / "ada", printing, secret=s) for s in ("one", "two"))
    assert one.score == one.max_score
    assert [check.output for check in one.checks] == [check.output for check in two.checks]
    assert 3 == len({check.output for check in one.checks})


@pytest.mark.parametrize("top", [True, False], ids=["at the top", "in a function"])
def test_unfinished_merge_is_said_to_be_one(student: Course, tmp_path: Path, top: bool) -> None:
    lines = LINEAR.splitlines()
    at = 0 if top else 1 + next(n for n, line in enumerate(lines) if "def forward" in line)
    lines[at:at] = [
        "<<<<<<< HEAD",
        "        one = 1",
        "=======",
        "        one = 2",
        ">>>>>>> theirs",
    ]
    found = graded(student, tmp_path / "ada", "\n".join(lines), secret=None)
    check = named(found, "test_linear_forward")
    assert "error" == check.verdict
    assert check.message.startswith(f"week_1/linear.py:{at + 1} is where git could not merge: keep")


def test_deleted_given_is_told_once_with_the_way_back(student: Course, tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    shutil.copytree(student.root, root)
    shutil.rmtree(root / "assignments" / "given")
    with pytest.raises(InputError, match=r"^assignments/given is missing, and week_1/linear\.py"):
        graded(load_course(root), tmp_path / "ada", LINEAR, secret=None)


def test_week_that_needs_nothing_of_given_is_graded_without_it(
    student: Course, tmp_path: Path
) -> None:
    root = tmp_path / "checkout"
    shutil.copytree(student.root, root)
    shutil.rmtree(root / "assignments" / "given")
    found = graded(load_course(root), tmp_path / "ada", "class Linear: pass\n", secret=None)
    assert 0 == found.score
    assert "error" == named(found, "test_linear_forward").verdict
