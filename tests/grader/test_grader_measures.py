"""What the course promises: full marks for the reference, nothing for what is untouched."""

from __future__ import annotations

import pytest
from grader_course import options

from autograder.grading import grade
from autograder.results import Record
from course.config import Course

pytestmark = pytest.mark.proof


def reference(course: Course, week: int, secret: str, accuracy: bool = False) -> Record:
    chosen, folder = course.week(week), course.solutions / f"week_{week}"
    return grade(course, chosen, folder, options(secret=secret, accuracy=accuracy))


def misses(record: Record) -> list[str]:
    return [f"{c.id}: {c.verdict}: {c.message}" for c in record.checks if c.verdict != "passed"]


def test_reference_scores_full_marks_whatever_the_secret(whole: Course, secret_number: int) -> None:
    for week in sorted(whole.weeks):
        record = reference(whole, week, f"secret {secret_number}")
        assert [] == misses(record)
        assert record.max_score == record.score > 0


@pytest.mark.parametrize("week", [1, 2])
def test_reference_scores_100_with_accuracy_checks(whole: Course, week: int) -> None:
    record = reference(whole, week, "secret 0", accuracy=True)
    assert [] == misses(record)
    assert (100.0, 100.0) == (record.score, record.max_score)


@pytest.mark.parametrize("week", [1, 2])
def test_untouched_stubs_score_nothing_and_are_listed(whole: Course, week: int) -> None:
    folder = whole.assignments / f"week_{week}"
    record = grade(whole, whole.week(week), folder, options(accuracy=True))
    assert {"not_attempted"} == {check.verdict for check in record.checks}
    assert (0.0, 100.0, True) == (record.score, record.max_score, record.complete)
    assert record.todos
    for todo in record.todos:
        file = whole.assignments / todo.file
        assert todo.name in file.read_text(encoding="utf-8").splitlines()[todo.line - 1]
        assert todo.text
