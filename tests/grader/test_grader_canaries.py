"""Before a class is graded the reference gets full marks, its skeleton 0: or nobody is graded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from grader_call import Ended
from grader_course import LINEAR, options, submit
from grader_pool import AtOnce, in_this_process

from autograder import batch, canaries
from autograder.options import GradingError
from autograder.results import Record, decode
from course.config import Course, load_course
from course.errors import CourseError

PROVEN = "Proven before: the reference gets 100 of 100 points here, its skeleton 0."


@pytest.fixture
def own(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course to be changed; its canaries are graded in this process."""
    monkeypatch.setattr(canaries, "pool", in_this_process)
    monkeypatch.setattr(AtOnce, "dying", ())
    return load_course(checkout)


def prove(course: Course, **changes: object) -> str:
    return canaries.prove(course, course.week(1), options(**changes))


def refused(course: Course) -> str:
    with pytest.raises(GradingError) as caught:
        prove(course)
    assert 3 == caught.value.exit_code
    assert ["No submission was graded."] == caught.value.__notes__
    return str(caught.value)


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_class_is_told_what_was_proven(checkout: Path, call: Callable[..., Ended]) -> None:
    submit(checkout / "class" / "ada", LINEAR)
    ended = call("grade-all", "1", "class")
    assert (0, PROVEN) == (ended.code, ended.out.splitlines()[-2])
    assert PROVEN in (checkout / "reports" / "week_1" / "private" / "index.html").read_text()
    assert PROVEN not in (checkout / "reports" / "week_1" / "feedback" / "ada.html").read_text()


def test_broken_given_costs_nobody_a_point(checkout: Path, call: Callable[..., Ended]) -> None:
    submit(checkout / "class" / "ada", LINEAR)
    given = checkout / "solutions" / "given" / "module.py"
    right = given.read_text(encoding="utf-8")
    given.write_text(right + "\nParameter = None\n", encoding="utf-8")
    ended = call("grade-all", "1", "class")
    assert (3, "") == (ended.code, ended.out)
    assert "the grader is broken for week 1, whatever is handed in" in ended.error
    assert "the reference gets 0 of 100 points: test_linear.py::test_linear_forward" in ended.error
    assert "'NoneType' object is not callable" in ended.error
    assert "No submission was graded. To go on, run the same command again." in ended.error
    assert [] == list((checkout / "results" / "week_1").glob("*.json"))
    given.write_text(right, encoding="utf-8")
    assert 0 == call("grade-all", "1", "class").code
    record = decode((checkout / "results" / "week_1" / "ada.json").read_bytes())
    assert 100 == record.score


def test_class_that_was_graded_with_a_broken_grader_is_graded_again(
    checkout: Path, call: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(checkout / "class" / "ada", LINEAR)
    given = checkout / "solutions" / "given" / "module.py"
    right = given.read_text(encoding="utf-8")
    given.write_text(right + "\nParameter = None\n", encoding="utf-8")
    record = checkout / "results" / "week_1" / "ada.json"
    with monkeypatch.context() as patch:
        patch.setattr(canaries, "prove", lambda *_: "")
        assert 0 == call("grade-all", "1", "class").code
    assert 0 == decode(record.read_bytes()).score
    given.write_text(right, encoding="utf-8")
    assert 0 == call("grade-all", "1", "class").code
    assert 100 == decode(record.read_bytes()).score


def test_reference_that_fails_one_check_stops_the_class(own: Course) -> None:
    change(own.solutions / "week_1" / "linear.py", "y += self.bias.data", "y -= self.bias.data")
    said = refused(own)
    assert "test_linear.py::test_linear_forward: failed: " in said
    assert "skeleton" not in said
    assert "`autograder verify 1` says more" in said
    assert [] == list(canaries.kept_in(own, own.week(1)).iterdir())  # it may have been bad luck


def test_check_that_is_passed_by_nothing_stops_the_class(own: Course) -> None:
    path = own.solutions / "week_1" / "checks" / "test_free.py"
    path.write_text("def test_free(parity):\n    parity.equal('one', 1, 1)\n", encoding="utf-8")
    said = refused(own)
    assert "the skeleton gets" in said
    assert "test_free.py::test_free: passed" in said
    assert "the reference" not in said


def test_check_that_fails_through_our_fault_stops_the_class(own: Course) -> None:
    path = own.solutions / "week_1" / "checks" / "test_ours.py"
    path.write_text("def test_ours(parity):\n    1 / 0\n", encoding="utf-8")
    said = refused(own)
    for name in ("reference", "skeleton"):
        assert f"the {name} gets" in said
    assert "test_ours: grader_error: ZeroDivisionError" in said


def test_proof_is_made_once_for_the_same_state(
    own: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    real: Callable[..., Record] = batch.grade

    def counted(*args: object) -> Record:
        made.append(str(args[4]))
        return real(*args)

    monkeypatch.setattr(batch, "grade", counted)
    assert (PROVEN, PROVEN) == (prove(own), prove(own))
    assert ["reference", "skeleton"] == made
    assert PROVEN == prove(own, explain=True)  # hints: canaries get none
    assert 2 == len(made)
    with (own.solutions / "given" / "module.py").open("a") as file:
        file.write("# changed\n")
    assert PROVEN == prove(own)
    assert 4 == len(made)
    with (own.solutions / "week_1" / "linear.py").open("a") as file:
        file.write("# changed\n")
    assert PROVEN == prove(own)
    assert 6 == len(made)
    assert "here" in prove(own, public_only=True)
    assert 8 == len(made)


def test_canaries_are_graded_as_the_class_is(own: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    real: Callable[..., Record] = batch.grade

    def noted(*args: object) -> Record:
        seen.append(args[3])
        return real(*args)

    monkeypatch.setattr(batch, "grade", noted)
    chosen = options(sandboxed=True)
    canaries.prove(own, own.week(1), chosen)
    assert [chosen, chosen] == seen


def test_without_marked_solutions_there_is_no_skeleton(own: Course) -> None:
    path = own.solutions / "week_1" / "linear.py"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "###" not in line), encoding="utf-8")
    assert "Proven before: the reference gets 100 of 100 points here." == prove(own)


def test_students_checkout_has_nothing_to_prove_with(own: Course) -> None:
    own.solutions.rename(own.assignments)
    assert "" == prove(load_course(own.root))


def test_process_that_dies_stops_the_class(own: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AtOnce, "dying", ("skeleton",))
    assert "the grader's process died" in refused(own)


def test_checks_that_are_missing_are_said_to_be(own: Course) -> None:
    shutil.rmtree(own.checks(1))
    assert "there are no checks for week 1" in refused(own)


def test_broken_markers_are_said_where(own: Course) -> None:
    change(own.solutions / "week_1" / "linear.py", "### END SOLUTION", "### END")
    with pytest.raises(CourseError, match=r"week_1/linear\.py:\d+"):
        prove(own)
