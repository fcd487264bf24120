"""Grades one submission: takes it in, starts its worker, runs the checks, explains failures."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from autograder import sandbox, secret
from autograder.intake import Intake, stage, week_folder
from autograder.protocol import clean
from autograder.results import CheckResult, Record, Verdict, finish
from autograder.sandbox import Launch, Limits
from autograder.session import Session
from course.config import Course, Week


class GradingError(Exception):
    """The grader can't do its work; the message says why and what to do."""

    exit_code = 3


class InputError(GradingError):
    """What the grader was given to grade is not there, or not what it takes."""

    exit_code = 2


@dataclass(frozen=True)
class Options:
    """How to grade. `sandboxed` is decided by the caller, see `must_isolate`."""

    sandboxed: bool = True
    public_only: bool = False
    secret: str | None = None  # None: the course's own
    limits: Limits = field(default_factory=Limits)
    module: str | None = None  # only the checks of this module
    notebook: bool = False  # also the exercise notebook
    accuracy: bool = True  # also the checks that train a model
    explain: bool = True  # look for the mistakes behind failed checks
    calibrating: bool = False


def must_isolate(course: Course, submission: Path) -> bool:
    """Whether grading this folder needs a sandbox: it may be somebody else's code.

    A checkout without solutions is a student's: there everything is the student's own. With
    solutions, only the course's own folders are.
    """
    own = (course.solutions, course.assignments)
    return course.has_solutions and not any(submission.resolve().is_relative_to(f) for f in own)


@contextmanager
def opened(
    course: Course, week: Week, submission: Path, options: Options
) -> Iterator[tuple[Session, Intake]]:
    """A session with the submission's first worker already starting.

    Raises:
        InputError: the submission isn't a folder.
        SandboxError: a sandbox is asked for and can't be had.
    """
    if not submission.is_dir():
        raise InputError(f"{submission} is not a folder: hand over the one with the week's files")
    folder = Path(tempfile.mkdtemp(prefix="grade-"))
    session: Session | None = None
    try:
        intake = stage(course, week, submission, folder / "course")
        start = sandbox.sandboxed if options.sandboxed else sandbox.plain
        launch: Callable[[], Launch] = partial(start, intake.root, options.limits)
        session = Session(launch, options.limits, intake.refused)
        yield session, intake
    finally:
        if session is not None:
            session.close()
        shutil.rmtree(folder, ignore_errors=True)


def grade(
    course: Course,
    week: Week,
    submission: Path,
    options: Options,
    student: str = "",
    commit: str = "",
    on_check: Callable[[CheckResult], None] = lambda _: None,
) -> Record:
    """The record of one submission.

    Raises:
        GradingError: the checks can't be run.
        InputError: there is no such folder.
        SandboxError: a sandbox is asked for and can't be had.
    """
    started = time.monotonic()
    with opened(course, week, submission, options) as (session, intake):
        from autograder.checking import run_checks  # imports pytest while the worker starts

        run = run_checks(course, week, session, options, on_check)
        session.close()
        record = Record(
            week=week.number,
            title=week.title,
            student=clean(student or owner(submission), 100),
            checks=list(run.results.values()),
            public_only=public_only(course, options),
            commit=commit,
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            notebook=options.notebook,
            submission_digest=digest_of(intake, week, submission, options),
            checks_digest=checks_digest(course, week),
            todos=intake.todos,
            notes=intake.notes,
            output=session.process_output,
        )
        if options.explain and any(c.verdict in FAILURES for c in record.checks):
            from autograder.explaining import explain

            explain(run, record, options)
        if options.notebook:
            from autograder.exercise import grade_exercise

            grade_exercise(course, week, submission, options, record, on_check)
    record.duration = round(time.monotonic() - started, 3)
    return finish(record)


def owner(submission: Path) -> str:
    """Whose work a folder holds: its name, or that of the one above a `week_1`."""
    folder = submission.resolve()
    return folder.parent.name if re.fullmatch(r"week_\d+", folder.name) else folder.name


def public_only(course: Course, options: Options) -> bool:
    """Whether hidden checks are left out: by choice, or because a student's checkout has none."""
    return options.public_only or not course.has_solutions


FAILURES = frozenset({Verdict.FAILED, Verdict.ERROR})


def digest_of(intake: Intake, week: Week, submission: Path, options: Options) -> str:
    """A hash of all of a submission that is graded."""
    if not options.notebook:
        return intake.digest
    from autograder import notebook

    parts = intake.digest + notebook.digest(week_folder(submission, week))
    return hashlib.sha256(parts.encode()).hexdigest()


def checks_digest(course: Course, week: Week) -> str:
    """A hash of all that a verdict depends on beside the submission: checks, grader, catalogue."""
    digest = hashlib.sha256(sys.version.encode())
    folders = (course.checks(week.number), Path(__file__).parent)
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    files += [
        course.root / "course.toml",
        course.solutions / f"week_{week.number}" / "mistakes.toml",
    ]
    files += sorted(course.checks(week.number).glob("*.npz"))
    for file in dict.fromkeys(files):
        if file.is_file():
            digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def course_secret(course: Course, options: Options) -> str:
    return options.secret if options.secret is not None else secret.load(course.root)
