"""Grades a folder of submissions on all cores. What is already graded is not graded again.

A fault of one submission, or of ours with one, becomes its record. What concerns everybody stops
the batch: no sandbox, a broken course, a full disk.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder import records
from autograder.grading import grade
from autograder.options import GradingError, InputError, Options, course_secret
from autograder.pool import pool
from autograder.results import Record
from autograder.sandbox.launch import SandboxError
from autograder.sandbox.protocol import clean
from autograder.submission.digests import checks_digest, submission_digest
from autograder.submission.finding import NothingFound, Submission, find
from autograder.submission.intake import stage
from autograder.submission.untouched import released_files
from course.config import Course, Week, load_course
from course.errors import CourseError

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


@dataclass(frozen=True)
class Job:
    """One submission to grade, and the file that its record goes to."""

    root: Path
    week: int
    submission: Submission
    record: Path
    options: Options

    @property
    def student(self) -> str:
        return records.shown(self.submission.name)


def jobs(
    course: Course, week: Week, submissions: list[Submission], results: Path, options: Options
) -> list[Job]:
    """A job for every submission; records go to `results`."""
    return [
        Job(course.root, week.number, one, records.path_of(results, one.name), options)
        for one in submissions
    ]


def run(
    work: list[Job], on_done: Callable[[Record], None], processes: int | None = None
) -> list[Record]:
    """Grade all; records come back in the order of `work`. A record is on disk once it is done.

    Raises:
        GradingError, SandboxError, CourseError, OSError: of what concerns everybody.
        KeyboardInterrupt: each of them has a note on what was kept.
    """
    done: dict[Job, Record] = {}
    try:
        wanted = min(processes or os.cpu_count() or 1, len(work) or 1)
        with pool(wanted, *prepared(work)) as executor:
            for job, record in results_of(executor, work):
                done[job] = record
                on_done(record)
        for job in work:  # a process that died took others along: each again, in one of its own
            if job not in done:
                done[job] = alone(job)
                on_done(done[job])
    except BaseException as error:
        kept = f", and kept in {work[0].record.parent}" if done else ""
        error.add_note(f"{len(done)} of {len(work)} submissions are done{kept}.")
        raise
    return [done[job] for job in work]


def prepared(work: list[Job]) -> tuple[Path, int] | tuple[()]:
    """What the processes of a pool prepare for these."""
    return (work[0].root, work[0].week) if work else ()


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
        return keep(job, incomplete(job, "the grader's process died: grade this submission again"))


def grade_job(job: Job) -> Record:
    """Grade one submission and write its record, unless the same is there already.

    Raises:
        GradingError, SandboxError, CourseError: nothing can be graded here.
        OSError: there is no room for what has to be written.
    """
    course = load_course(job.root)
    week = course.week(job.week)
    try:
        if (record := already(course, week, job)) is not None:
            return record
        record = grade(course, week, job.submission, job.options, job.student)
    except NothingFound as reason:
        record = incomplete(job, *reason.parts, found=False)
    except InputError as reason:
        record = incomplete(job, str(reason))
    except (GradingError, SandboxError, CourseError):
        raise
    except Exception as error:  # our fault, and this submission's alone: the others go on
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise
        sys.stderr.write(clean(traceback.format_exc(), 20_000))
        name = type(error).__name__
        record = incomplete(job, f"the grader failed with {name}: grade this submission again")
    return keep(job, record)


def keep(job: Job, record: Record) -> Record:
    """Write the record. Where a folder lies in its place, nobody else is concerned."""
    secret = course_secret(load_course(job.root), job.options)
    try:
        return records.save(job.record, record, job.submission.name, secret)
    except IsADirectoryError:
        reason = f"its record can't be kept: {job.record} is a folder, remove it"
        lost = incomplete(job, reason, found=record.found)
        lost.id = records.identity(job.submission.name)
        return lost


def incomplete(job: Job, *reasons: str, found: bool = True) -> Record:
    """The record of a submission that could not be graded."""
    notes = [clean(reason, 1000) for reason in reasons]
    return Record(job.week, "", job.student, [], complete=False, found=found, notes=notes)


def already(course: Course, week: Week, job: Job) -> Record | None:
    """The record of an earlier run on the same files and checks, if it is complete."""
    secret = course_secret(course, job.options)
    try:
        record = records.load(job.record, job.week, job.submission.name, secret)
    except (OSError, msgspec.DecodeError):  # none, or not as it was written
        return None
    if not record.complete:
        return None
    with tempfile.TemporaryDirectory() as folder:
        intake = stage(
            course,
            week,
            find(job.submission, week, released_files(course, week)),
            Path(folder) / "course",
        )
    same = (record.submission_digest, record.checks_digest) == (
        submission_digest(intake, job.options),
        checks_digest(course, week, job.options),
    )
    return record if same else None
