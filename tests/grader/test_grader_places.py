"""Where something went wrong: in lines that can be clicked, of the student's own files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from grader_checkout import checkout
from grader_course import LINEAR

from autograder.grading import grade
from autograder.options import GradingError, Options
from autograder.report.places import folders, from_folder, handout
from autograder.report.summary import next_step
from autograder.results import CheckResult, Record, Verdict
from autograder.sandbox.launch import Limits
from course.config import Course

FORWARD = "y += self.bias.data"
SHORT = Limits(check_seconds=0.3)


@pytest.fixture(scope="module")
def checkouts(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return checkout(tmp_path_factory.mktemp("places") / "clone")


@pytest.fixture
def course(checkouts: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.chdir(checkouts.root)
    return checkouts


def graded(course: Course, new: str, only: str = "Linear: output", old: str = FORWARD) -> Record:
    """A record of week 1 with one place of linear.py changed, as a student sees it."""
    assert old in LINEAR
    folder = course.assignments / "week_1"
    (folder / "linear.py").write_text(LINEAR.replace(old, new, 1), encoding="utf-8")
    options = Options(sandboxed=False, only=only, explain=False, limits=SHORT)
    record = grade(course, course.week(1), folder, options)
    return from_folder(record, folders(course, 1, folder))


def line(text: str) -> int:
    return LINEAR[: LINEAR.index(text)].count("\n") + 1


def only_check(record: Record) -> CheckResult:
    [check] = record.checks
    return check


def test_files_are_named_from_where_the_student_works(course: Course) -> None:
    record = graded(course, "y += self.bais.data")
    place = f"assignments/week_1/linear.py:{line(FORWARD)}"
    assert only_check(record).traceback[-1].startswith(f"{place} in forward: ")
    assert f"({place})" in next_step(record)


def test_next_step_is_not_in_what_students_get_complete(course: Course) -> None:
    """The name and the array in the wrong order: no array is dumped, the student's line is told."""
    record = graded(course, 'require_shape(x, "x", (1,))')
    assert 'require_shape("x", x, (3, 4))' in only_check(record).message
    assert "given/shapes.py" in only_check(record).traceback[-1]
    assert f"(assignments/week_1/linear.py:{line(FORWARD)})" in next_step(record)


def test_warning_of_numpy_is_told_once_with_its_line(course: Course) -> None:
    check = only_check(graded(course, f"[np.log(x * 0) for _ in range(3)]; {FORWARD}"))
    assert Verdict.PASSED is check.verdict
    place = f"assignments/week_1/linear.py:{line(FORWARD)}"
    assert f"{place}: divide by zero encountered in log\n" == check.output


def test_timeout_tells_where_the_code_was(course: Course) -> None:
    check = only_check(graded(course, f"while True: {FORWARD}"))
    assert Verdict.TIMEOUT is check.verdict
    assert f"It was at assignments/week_1/linear.py:{line(FORWARD)}." in check.message


def test_code_that_catches_everything_ends_all_the_same(course: Course) -> None:
    catches = "\n".join(
        ["while True:", " " * 16 + "try: np.sum(x)", " " * 16 + "except BaseException: pass"]
    )
    assert Verdict.TIMEOUT is only_check(graded(course, catches)).verdict


def test_wrong_parameters_are_told_with_their_class(course: Course) -> None:
    old, new = "(out_features, in_features)", "(in_features, out_features)"
    check = only_check(graded(course, new, old=old))
    assert "Linear.weight must have the shape (4, 3), yours has (3, 4)" in check.message


@contextmanager
def changed(course: Course, name: str, text: str | None) -> Iterator[None]:
    """A file of the checkout with another text, or without the file, for a while."""
    file = course.root / name
    before = file.read_bytes()
    file.unlink() if text is None else file.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        file.write_bytes(before)


@pytest.mark.parametrize(
    "gone",
    [
        "assignments/fixtures.py",
        "assignments/week_1/checks/test_losses.py",
        "assignments/week_1/checks/expected.npz",
        "assignments/given/shapes.py",
    ],
)
def test_deleted_files_are_named_with_the_way_back(course: Course, gone: str) -> None:
    told = f"{gone}.* is missing.*git checkout HEAD -- {gone}"
    with changed(course, gone, None), pytest.raises(GradingError, match=told):
        graded(course, FORWARD)


def test_unfinished_merge_in_given_is_told_once(course: Course) -> None:
    name = "assignments/given/module.py"
    told = f"{name}:1 is where git could.*git checkout origin/week_1_exercise -- {name}"
    merging = changed(course, name, "<<<<<<< HEAD\n=======\n")
    with merging, pytest.raises(GradingError, match=told):
        graded(course, FORWARD)


def test_input_at_the_wrong_place_is_known(course: Course) -> None:
    record = graded(course, FORWARD, "ReLU: gradient of the input")
    assert [] == [one for one in only_check(record).comparisons if one.given]
    file = course.assignments / "week_1/activations.py"
    right = file.read_text(encoding="utf-8")
    file.write_text(right.replace("self.mask = x > 0", "self.mask = x > -1"), encoding="utf-8")
    try:
        [wrong] = only_check(graded(course, FORWARD, "ReLU: gradient of the input")).comparisons
    finally:
        file.write_text(right, encoding="utf-8")
    assert {"forward", "backward"} == wrong.given.keys()
    assert -1 < (wrong.given["forward"] or 0.0) < 0
    assert wrong.got_value == wrong.given["backward"]


def test_handout_is_linked_by_its_headings(course: Course) -> None:
    page = course.root / "reports/week_1/report.html"
    links = handout(course, 1, page)
    assert "../../assignments/week_1/README.md#relu" == links["ReLU"]
    assert (page.parent / links["ReLU"].partition("#")[0]).resolve().is_file()
