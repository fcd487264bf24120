"""Many submissions: what is done is kept, what changed is graded again, and the batch goes on."""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from grader_course import LINEAR, POINTS, options, submit
from grader_pool import AtOnce, in_this_process

from autograder import batch
from autograder.batch import Job, jobs, submissions
from autograder.grading import grade
from autograder.options import GradingError, InputError, Options
from autograder.results import Record, decode
from autograder.submission.digests import checks_digest
from autograder.submission.intake import stage
from course.config import Course, Week, load_course


@pytest.fixture
def own(course: Course, tmp_path: Path) -> Course:
    """A copy of the course, to be changed."""
    shutil.copytree(course.root, tmp_path / "course")
    return load_course(tmp_path / "course")


def quick(course: Course, week: Week, submission: Path, options: Options, student: str) -> Record:
    """A record without any checks run, but of this submission and these checks."""
    with TemporaryDirectory() as folder:
        intake = stage(course, week, submission, Path(folder) / "course")
    return Record(
        week=1,
        title="",
        student=student,
        checks=[],
        public_only=options.public_only,
        submission_digest=intake.digest,
        checks_digest=checks_digest(course, week),
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
    return jobs(own, own.week(1), tmp_path / "class", results, options())


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
    records = batch.run(work, lambda record: seen.append(record.student))
    assert ["ada", "bob", "cyd"] == [record.student for record in records]
    assert ["ada", "bob", "cyd"] == sorted(seen)
    assert records == [decode(job.record.read_bytes()) for job in work]


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
    submit(work[1].submission, LINEAR + "# better\n")
    assert ["bob"] == graded_again(work, monkeypatch)


@pytest.mark.parametrize(
    "file",
    ["course.toml", "solutions/week_1/checks/test_linear.py", "solutions/week_1/mistakes.toml"],
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
    run(work)
    done = work[0].record.read_text()
    work[0].record.write_text(done.replace('"complete": true', '"complete": false'))
    assert ["ada"] == graded_again(work, monkeypatch)


def test_process_that_dies_costs_no_other_submission_its_record(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AtOnce, "dying", ("ada",))
    records = run(work)
    assert [False, True, True] == [record.complete for record in records]
    assert ["the grader's process died: grade this submission again"] == records[0].notes
    assert records == [decode(job.record.read_bytes()) for job in work]


def test_fault_with_one_submission_does_not_stop_the_batch(
    work: list[Job], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*args: Any) -> Record:
        if args[4] == "bob":
            raise RecursionError("with a hidden value")
        return quick(*args)

    monkeypatch.setattr(batch, "grade", fails)
    records = run(work)
    assert [True, False, True] == [record.complete for record in records]
    note = "the grader failed with RecursionError: grade this submission again"
    assert [note] == records[1].notes
    assert "with a hidden value" in capsys.readouterr().err


def test_course_that_cannot_be_graded_stops_the_batch(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "grade", grade)
    shutil.rmtree(work[0].root / "solutions" / "week_1" / "checks")
    with pytest.raises(GradingError, match="there are no checks for week 1"):
        run(work)


def test_full_disk_stops_the_batch_and_keeps_what_was_written(
    work: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(work[:1])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(batch, "write_atomically", full)
        with pytest.raises(OSError, match="No space left"):
            run(work)
    assert ["ada.json"] == [path.name for path in work[0].record.parent.iterdir()]


def test_submissions_are_folders_and_nothing_else(tmp_path: Path) -> None:
    for name in ("ada", "bob", ".git", "_old"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "ada")
    (tmp_path / "README.md").touch()
    assert ["ada", "bob"] == [path.name for path in submissions(tmp_path)]


@pytest.mark.parametrize("name", ["nothing", "a file", "empty"])
def test_folder_without_submissions_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="it must hold one folder per student"):
        submissions(tmp_path / name)


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
        Job(own.root, 1, name, tmp_path, tmp_path / f"{name}.json", options())
        for name in ("ada", "bob", "cyd")
    ]
    records = batch.run(work, lambda _: None, 2)
    assert ["ada", "bob", "cyd"] == [record.student for record in records]
    assert [True, False, True] == [record.complete for record in records]
