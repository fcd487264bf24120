"""Many submissions: what is done is kept, what changed is graded again, and the batch goes on."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from grader_course import LINEAR, POINTS, SECRET, options, submit
from grader_pool import AtOnce, in_this_process

from autograder import batch, records
from autograder.batch import Job, jobs
from autograder.grading import grade
from autograder.options import GradingError, Options
from autograder.results import Record, decode
from autograder.submission import opening, roster
from autograder.submission.digests import checks_digest
from autograder.submission.finding import Found, Submission, find
from autograder.submission.intake import stage
from course.config import Course, Week, load_course


@pytest.fixture
def own(course: Course, tmp_path: Path) -> Course:
    """A copy of the course, to be changed."""
    shutil.copytree(course.root, tmp_path / "course")
    return load_course(tmp_path / "course")


def quick(
    course: Course, week: Week, submission: Submission, options: Options, student: str
) -> Record:
    """A record without any checks run, but of this submission and these checks."""
    with TemporaryDirectory() as folder:
        intake = stage(course, week, find(submission, week), Path(folder) / "course")
    return Record(
        week=1,
        title="",
        student=student,
        checks=[],
        public_only=options.public_only,
        submission_digest=intake.digest,
        checks_digest=checks_digest(course, week, options),
    )


@pytest.fixture
def work(own: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Three submissions, graded quickly and in this process."""
    for name in ("ada", "bob", "cyd"):
        submit(tmp_path / "class" / name, LINEAR)
    monkeypatch.setattr(batch, "pool", in_this_process)
    monkeypatch.setattr(batch, "grade", quick)
    monkeypatch.setattr(AtOnce, "dying", ())
    results = tmp_path / "results"
    return jobs(own, own.week(1), roster.read(tmp_path / "class").submissions, results, options())


def run(work: list[Job]) -> list[Record]:
    return batch.run(work, lambda _: None)


def graded_again(work: list[Job], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The students whose submissions a second run grades."""
    names: list[str] = []

    def grade(*args: Any) -> Record:
        names.append(args[4])
        return quick(*args)

    with monkeypatch.context() as patch:
        patch.setattr(batch, "grade", grade)
        run(work)
    return names


def test_every_submission_gets_its_record_in_order(work: list[Job]) -> None:
    seen: list[str] = []
    found = batch.run(work, lambda record: seen.append(record.student))
    assert ["ada", "bob", "cyd"] == [record.student for record in found]
    assert ["ada", "bob", "cyd"] == sorted(seen)
    assert found == [decode(job.record.read_bytes()) for job in work]


def test_record_of_a_real_grading_is_found_again(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "grade", grade)
    assert POINTS == run(work[:1])[0].score
    assert ["bob", "cyd"] == graded_again(work, monkeypatch)


def test_what_is_done_is_not_graded_again(work: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    run(work)
    assert [] == graded_again(work, monkeypatch)


def test_what_changed_is_graded_again(work: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    run(work)
    submit(work[1].submission.path, LINEAR + "# better\n")
    assert ["bob"] == graded_again(work, monkeypatch)


@pytest.mark.parametrize(
    "file",
    [
        "solutions/given/module.py",
        "solutions/week_1/checks/test_linear.py",
        "solutions/week_1/mistakes.toml",
    ],
)
def test_all_are_graded_again_when_the_checks_changed(
    work: list[Job], monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    run(work)
    with (work[0].root / file).open("a") as text:
        text.write("# changed\n")
    assert ["ada", "bob", "cyd"] == graded_again(work, monkeypatch)


def test_run_without_hidden_checks_does_not_stand_for_one_with_them(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    run([replace(job, options=replace(job.options, public_only=True)) for job in work])
    assert ["ada", "bob", "cyd"] == graded_again(work, monkeypatch)


@pytest.mark.parametrize("damage", [b"", b'{"week": 1, "tit', b"\0" * 100])
def test_half_written_record_is_made_again(
    work: list[Job], monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    run(work)
    work[2].record.write_bytes(damage)
    assert ["cyd"] == graded_again(work, monkeypatch)


def test_incomplete_record_is_made_again(work: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    record = run(work)[0]
    record.complete = False
    records.save(work[0].record, record, "ada", SECRET)
    assert ["ada"] == graded_again(work, monkeypatch)


CHANGES = {
    "a higher score": lambda text: text.replace('"score": 0.0', '"score": 18.0'),
    "another name": lambda text: text.replace('"student": "bob"', '"student": "ada"'),
    "no seal": lambda text: re.sub(r'"seal": "\w+"', '"seal": ""', text),
    "another seal": lambda text: re.sub(r'"seal": "\w', '"seal": "x', text),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_edited_record_is_made_again(
    work: list[Job], monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str]
) -> None:
    run(work)
    text = work[1].record.read_text()
    assert text != change(text)
    work[1].record.write_text(change(text))
    assert ["bob"] == graded_again(work, monkeypatch)


def test_record_of_another_student_is_made_again(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(work[1].submission.path, LINEAR)  # the same files: only the name differs
    run(work)
    shutil.copy(work[0].record, work[1].record)
    assert ["bob"] == graded_again(work, monkeypatch)
    assert ["ada", "bob", "cyd"] == [decode(job.record.read_bytes()).student for job in work]


def test_records_of_another_secret_are_made_again(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    run([replace(job, options=replace(job.options, secret="another secret")) for job in work])
    assert ["ada", "bob", "cyd"] == graded_again(work, monkeypatch)


def test_process_that_dies_costs_no_other_submission_its_record(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AtOnce, "dying", ("ada",))
    found = run(work)
    assert [False, True, True] == [record.complete for record in found]
    assert ["the grader's process died: grade this submission again"] == found[0].notes
    assert found == [decode(job.record.read_bytes()) for job in work]


def test_fault_with_one_submission_does_not_stop_the_batch(
    work: list[Job], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*args: Any) -> Record:
        if args[4] == "bob":
            raise RecursionError("with a hidden value")
        return quick(*args)

    monkeypatch.setattr(batch, "grade", fails)
    found = run(work)
    assert [True, False, True] == [record.complete for record in found]
    note = "the grader failed with RecursionError: grade this submission again"
    assert [note] == found[1].notes
    assert "with a hidden value" in capsys.readouterr().err


def test_folder_that_goes_away_is_a_row_and_its_record_says_why(work: list[Job]) -> None:
    shutil.rmtree(work[1].submission.path)
    found = run(work)
    assert [True, False, True] == [record.complete for record in found]
    assert "is not a folder" in found[1].notes[0]
    assert found[1].found
    assert found == [decode(job.record.read_bytes()) for job in work]


def test_file_that_goes_away_is_no_missing_file(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_and_lose(submission: Submission, week: Week, released: Path | None) -> Found:
        found = find(submission, week, released)
        (submission.path / "linear.py").unlink()
        return found

    monkeypatch.setattr(opening, "find", find_and_lose)
    monkeypatch.setattr(batch, "grade", grade)
    record = run(work[:1])[0]
    assert (False, True, []) == (record.complete, record.found, record.checks)
    assert ["linear.py went away while it was graded"] == record.notes


def test_submission_without_any_file_of_the_week_is_a_row_of_its_own(work: list[Job]) -> None:
    (work[1].submission.path / "linear.py").rename(work[1].submission.path / "liner.py")
    record = run(work)[1]
    assert (False, False) == (record.complete, record.found)
    assert record.notes[0].startswith("no file of week 1 found; looked for linear.py")
    assert ["saw liner.py"] == record.notes[1:]


def test_folder_in_the_place_of_a_record_concerns_nobody_else(work: list[Job]) -> None:
    work[1].record.mkdir(parents=True)
    found = run(work)
    assert [True, False, True] == [record.complete for record in found]
    assert "bob.json is a folder, remove it" in found[1].notes[0]
    assert ["ada", "bob", "cyd"] == [record.id for record in found]


def test_course_that_cannot_be_graded_stops_the_batch(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "grade", grade)
    shutil.rmtree(work[0].root / "solutions" / "week_1" / "checks")
    with pytest.raises(GradingError, match="there are no checks for week 1"):
        run(work)


def test_full_temporary_folder_stops_the_batch(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Record:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(batch, "grade", full)
    with pytest.raises(OSError, match="No space left"):
        run(work)


def test_full_disk_stops_the_batch_and_keeps_what_was_written(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(work[:1])

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(records, "write_atomically", full)
        with pytest.raises(OSError, match="No space left") as raised:
            run(work)
    assert raised.value.__notes__[0].startswith(("0 of 3 submissions", "1 of 3 submissions"))
    assert ["ada.json"] == [path.name for path in work[0].record.parent.iterdir()]


# ---- with real processes -----------------------------------------------------------------------


def kills_its_process(job: Job) -> Record:
    """A grader that a submission manages to bring down."""
    if job.student == "bob":
        os.kill(os.getpid(), signal.SIGKILL)
    return Record(1, "", job.student, [])


def test_killed_process_does_not_stop_the_batch(
    own: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "grade_job", kills_its_process)
    work = [
        Job(own.root, 1, Submission(name, tmp_path), tmp_path / f"{name}.json", options())
        for name in ("ada", "bob", "cyd")
    ]
    found = batch.run(work, lambda _: None, 2)
    assert ["ada", "bob", "cyd"] == [record.student for record in found]
    assert [True, False, True] == [record.complete for record in found]
