"""A class as it comes: one row for everybody, whatever they handed in, and a true last line."""

from __future__ import annotations

import pytest
from grader_cases import CASES
from grader_class import FAULTS, PAGE, RECORD, SKIPPED, STUDENTS, Student
from grader_run import Outcome

from autograder.records import identity, shown
from autograder.results import Record

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("contained")]  # one class, graded once

HOSTILE = [case for case in CASES if case.contained]


def row(student: Student, outcome: Outcome) -> Record:
    (record,) = (one for one in outcome.rows if one.id == identity(student.name))
    return record


def test_class_is_large_and_everybody_has_one_row(contained: Outcome) -> None:
    names = [student.name for student in STUDENTS] + [case.name for case in HOSTILE]
    assert len(names) >= 60
    assert sorted(map(identity, names)) == sorted(record.id for record in contained.rows)


@pytest.mark.parametrize("student", STUDENTS, ids=lambda student: ascii(student.name)[1:30])
def test_row_says_what_became_of_a_submission(student: Student, contained: Outcome) -> None:
    record = row(student, contained)
    state = "graded" if record.complete else "incomplete" if record.found else "nothing found"
    assert student.state == state, record.notes
    assert student.says in " ".join(record.notes)
    assert (student.points if state == "graded" else 0) == record.score
    assert shown(student.name) == record.student
    assert state == "graded" or not record.checks


def test_every_record_is_kept_but_the_one_whose_place_is_taken(contained: Outcome) -> None:
    rows = {record.id: record for record in contained.rows}
    assert rows.pop(RECORD).notes
    assert rows == contained.records


def test_last_line_counts_them_all(contained: Outcome) -> None:
    incomplete = sum(student.state == "incomplete" for student in FAULTS)
    nothing = sum(student.state == "nothing found" for student in FAULTS)
    everybody = len(STUDENTS) + len(HOSTILE)
    assert contained.line == (
        f"{everybody} submissions: {everybody - incomplete - nothing} graded, {incomplete} "
        f"incomplete, {nothing} with nothing found, 1 without a report. Exit 3."
    )


def test_every_report_is_written_but_the_one_whose_place_is_taken(contained: Outcome) -> None:
    reports = contained.folder / "reports"
    names = {f"{record.id}.html" for record in contained.rows}
    assert [PAGE] == contained.unwritten
    assert names == {path.name for path in (reports / "feedback").glob("*.html")}
    assert names - {f"{PAGE}.html"} | {"index.html"} == {
        path.name for path in (reports / "private").glob("*.html")
    }


def test_what_was_skipped_is_named_on_the_page_of_the_class(contained: Outcome) -> None:
    assert set(contained.skipped) == SKIPPED
    page = (contained.folder / "reports" / "private" / "index.html").read_text()
    assert all(words in page for words in SKIPPED)


def test_only_its_owner_can_read_what_is_not_for_students(contained: Outcome) -> None:
    for name in ("results", "reports/private", "course/.cache"):
        modes = {path.stat().st_mode & 0o077 for path in (contained.folder / name).glob("*.*")}
        assert {0} == modes - {0o055}  # the folder in the place of a record
