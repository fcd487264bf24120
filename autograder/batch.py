"""Grades a folder of submissions on all cores. What is already graded is not graded again."""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.grading import grade
from autograder.options import GradingError, InputError, Options, public_only
from autograder.pool import pool
from autograder.results import Record, decode, encode, write_atomically
from autograder.sandbox.launch import SandboxError
from autograder.sandbox.protocol import clean
from autograder.submission.digests import checks_digest, submission_digest
from autograder.submission.intake import stage
from course.config import Course, Week, load_course
from course.errors import CourseError


@dataclass(frozen=True)
class Job:
    """One submission to grade, and the file that its record goes to."""

    root: Path
    week: int
    student: str
    submission: Path
    record: Path
    options: Options


def submissions(folder: Path) -> list[Path]:
    """The submissions in `folder`: each of its folders is one, named for its student.

    Raises:
        InputError: there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: it must hold one folder per student")
    found = [
        entry for entry in sorted(folder.iterdir())
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith((".", "_"))
    ]  # fmt: skip
    if not found:
        raise InputError(f"{folder} holds no submission: it must hold one folder per student")
    return found


def jobs(course: Course, week: Week, folder: Path, results: Path, options: Options) -> list[Job]:
    """A job for every submission in `folder`; records go to `results`/<student>.json."""
    return [
        Job(
            course.root,
            week.number,
            clean(path.name, 100),
            path,
            results / f"{path.name}.json",
            options,
        )
        for path in submissions(folder)
    ]


def run(
    work: list[Job], on_done: Callable[[Record], None], processes: int | None = None
) -> list[Record]:
    """Grade all; records come back in the order of `work`. A record is on disk once it is done.

    Raises:
        OSError: a record can't be written. Those that were written stay.
    """
    done: dict[Job, Record] = {}
    with pool(processes or os.cpu_count() or 1) as executor:
        for job, record in results_of(executor, work):
            done[job] = record
            on_done(record)
    for job in work:  # a process that died took others along: each again, in one of its own
        if job not in done:
            done[job] = alone(job)
            on_done(done[job])
    return [done[job] for job in work]


def results_of(executor: Executor, work: list[Job]) -> Iterator[tuple[Job, Record]]:
    futures = {executor.submit(grade_job, job): job for job in work}
    for future in as_completed(futures):
        try:
            yield futures[future], future.result()
        except BrokenProcessPool:
            return


def alone(job: Job) -> Record:
    """Grade one submission in a process of its own; if that dies too, an incomplete record."""
    try:
        with pool(1) as executor:
            return executor.submit(grade_job, job).result()
    except BrokenProcessPool:
        record = incomplete(job, "the grader's process died")
        write_atomically(job.record, encode(record))
        return record


def grade_job(job: Job) -> Record:
    """Grade one submission and write its record, unless the same is there already.

    Raises:
        GradingError, SandboxError, CourseError: nothing can be graded here.
        OSError: the record can't be written.
    """
    course = load_course(job.root)
    week = course.week(job.week)
    try:
        if (record := already(course, week, job)) is not None:
            return record
        record = grade(course, week, job.submission, job.options, job.student)
    except (GradingError, SandboxError, CourseError):
        raise
    except Exception as error:  # our fault, and this submission's alone: the others go on
        traceback.print_exc()
        record = incomplete(job, f"the grader failed with {type(error).__name__}")
    write_atomically(job.record, encode(record))
    return record


def incomplete(job: Job, reason: str) -> Record:
    """The record of a submission that could not be graded through our fault."""
    note = f"{reason}: grade this submission again"
    return Record(job.week, "", job.student, [], complete=False, notes=[note])


def already(course: Course, week: Week, job: Job) -> Record | None:
    """The record of an earlier run on the same files and checks, if it is complete."""
    try:
        record = decode(job.record.read_bytes())
    except (OSError, msgspec.DecodeError):  # none, or half-written by something else
        return None
    with tempfile.TemporaryDirectory() as folder:
        intake = stage(course, week, job.submission, Path(folder) / "course")
        digest = submission_digest(intake, week, job.submission, job.options)
    same = (record.submission_digest, record.checks_digest, record.public_only) == (
        digest,
        checks_digest(course, week),
        public_only(course, job.options),
    )
    return record if same and record.complete else None
