"""A batch of submissions that attack the grader: none gains a point, harms another, or survives."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from grader_cases import CASES
from grader_corpus import Case
from grader_course import CHECKS, POINTS, REPOSITORY, weight
from grader_run import Outcome
from rich.console import Console

from autograder.report import html, markdown, terminal
from autograder.report.redaction import for_student
from autograder.results import Record, Verdict, encode
from course.config import Course

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("corpus")]  # one batch, graded once

LEAK = re.compile("Leak[0-9a-f]{24}")
# What the corpus would write, wherever it can.
TRACES = ("late*", "left-behind", "hoard-*", "pickled", "loaded")
PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/dev", "/run", "/", "/usr", "/usr/bin", "/etc", "/home")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_submission_earns_what_its_honest_parts_are_worth(case: Case, corpus: Outcome) -> None:
    record = corpus.records[case.name]
    if not case.found:
        assert (False, False, []) == (record.found, record.complete, record.checks)
        assert any(case.says in note for note in record.notes)
        return
    first = record.checks[0]
    assert case.weight == weight(record)
    assert case.verdict == first.verdict
    assert case.says in first.message
    assert POINTS == record.max_score
    assert CHECKS == len(record.checks)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_submission_is_counted_as_a_fault_of_the_grader(case: Case, corpus: Outcome) -> None:
    record = corpus.records[case.name]
    ours = {Verdict.GRADER_ERROR, Verdict.NOT_RUN}
    assert [] == [(c.id, c.message) for c in record.checks if c.verdict in ours]
    assert case.found == record.complete


def test_batch_goes_on_to_its_end(corpus: Outcome) -> None:
    written = {path.name for path in (corpus.folder / "results").glob("*.json")}
    assert {f"{case.name}.json" for case in CASES} == written
    assert [case.name for case in sorted(CASES, key=lambda case: case.name)] == [
        record.id for record in corpus.rows
    ]
    nothing = sum(not case.found for case in CASES)
    graded = f"{len(CASES) - nothing} graded, {nothing} with nothing found"
    assert f"{len(CASES)} submissions: {graded}. Exit 3." == corpus.line


def test_no_process_and_no_temporary_folder_is_left(corpus: Outcome) -> None:
    assert [] == corpus.survivors
    assert [] == corpus.left


def test_nothing_is_written_outside_of_the_sandbox(corpus: Outcome) -> None:
    places = [*map(Path, PLACES), REPOSITORY, *filter(Path.is_dir, corpus.folder.rglob("*"))]
    found = [path for place in places for trace in TRACES for path in place.glob(trace)]
    assert [] == found


def test_course_is_as_it_was(corpus: Outcome, course: Course) -> None:
    copy = contents(corpus.folder / "course")
    assert "a secret that nobody can guess\n" == copy.pop(".course-secret").decode()
    before = contents(course.root)
    before.pop(".course-secret")
    assert before == copy


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below the folder; what the grader caches left out."""
    files = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder): path for path in files}
    return {
        str(name): path.read_bytes()
        for name, path in names.items()
        if not {".cache", "__pycache__"} & set(name.parts)
    }


def test_files_beside_the_listed_ones_are_named_but_not_loaded(corpus: Outcome) -> None:
    note = corpus.records["brings-friends"].notes[0]
    assert note.startswith("not graded, and not there to import: conftest.py, given.py, json.py")


def test_hidden_inputs_stay_out_of_everything_a_student_sees(corpus: Outcome) -> None:
    record = corpus.records["leaks-what-is-hidden"]
    hidden = " ".join(str(check) for check in record.checks if check.hidden)
    public = " ".join(str(check) for check in record.checks if not check.hidden)
    leaked = set(LEAK.findall(hidden)) - set(LEAK.findall(public))
    assert leaked  # the instructor sees them
    assert LEAK.search(record.output)
    shown = everything_shown(for_student(record))
    assert set() == leaked & set(LEAK.findall(shown))
    assert set(LEAK.findall(public)) == set(LEAK.findall(shown))


def everything_shown(record: Record) -> str:
    """All reports on a record, one behind another."""
    file = io.StringIO()
    terminal.render(record, Console(file=file, width=80))
    reports = [encode(record).decode(), html.render(record), markdown.render(record)]
    return "\n".join([*reports, *markdown.annotations(record), file.getvalue()])


def test_text_of_a_submission_can_do_nothing_to_its_reader(corpus: Outcome) -> None:
    record = corpus.records["speaks-to-the-reader"]
    assert "alert(1)" in record.checks[0].message
    assert "alert(1)" in record.checks[0].output
    shown = everything_shown(record)
    assert {"\n"} == {character for character in shown if not character.isprintable()}
    page = html.render(record, instructor=True)
    assert "<script" not in page
    assert "<img" not in page
    outside = re.sub("(`{3,}).*?\\1|(`+).*?\\2", "", markdown.render(record), flags=re.DOTALL)
    assert "<script" not in outside
    assert "](javascript" not in outside
    assert all(line.startswith("::error file=") for line in markdown.annotations(record))
