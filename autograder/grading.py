"""Grades one submission: takes it in, starts its worker, runs the checks, explains failures."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.options import GradingError, Options, public_only
from autograder.results import FAILURES, CheckResult, Record, finish
from autograder.sandbox.protocol import clean
from autograder.submission.digests import checks_digest, submission_digest
from autograder.submission.finding import Submission
from autograder.submission.intake import Files
from autograder.submission.opening import opened
from course.config import Course, Week
from course.errors import CourseError

if TYPE_CHECKING:  # loads pytest
    from autograder.checking.tools import Run

UNEXPLAINED = "the grader failed to explain what went wrong; tell your instructor: points are right"


def grade(
    course: Course,
    week: Week,
    submission: Path | Submission,
    options: Options,
    student: str = "",
    commit: str = "",
    on_check: Callable[[CheckResult], None] = lambda _: None,
) -> Record:
    """The record of one submission.

    Raises:
        GradingError: the checks can't be run.
        InputError: there is no such folder, or it can't be read.
        NothingFound: it holds no file of the week.
        SandboxError: a sandbox is asked for and can't be had.
    """
    started = time.monotonic()
    with opened(course, week, submission, options) as (session, intake):
        # pytest loads while the worker starts
        from autograder.checking.choosing import todos_of
        from autograder.checking.glimpses import add_glimpses
        from autograder.checking.run import run_checks

        run = run_checks(course, week, session, options, on_check)
        session.close()
        add_glimpses(run, intake.root)
        record = Record(
            week=week.number,
            title=week.title,
            student=clean(student or owner(submission), 100),
            checks=list(run.results.values()),
            course=course.name,
            public_only=public_only(course, options),
            commit=commit,
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            notebook=options.notebook,
            only=options.only,
            submission_digest=submission_digest(intake, options),
            checks_digest=checks_digest(course, week, options),
            todos=todos_of(run.results.values(), intake.todos) if options.only else intake.todos,
            notes=[*only(options), *intake.notes],
            output=session.process_output,
        )
        if options.explain and any(c.verdict in FAILURES for c in record.checks):
            try:
                explain(run, record, intake.files, options)
            except (GradingError, CourseError):  # of the course, for its author, whoever is graded
                raise
            except Exception as error:  # our fault: the verdicts stand, whatever came of hints
                record.notes.append(f"{UNEXPLAINED} ({type(error).__name__})")
        if options.notebook:
            from autograder.checking.notebook import grade_notebook

            grade_notebook(course, week, intake.files, options, record, on_check)
    record.duration = round(time.monotonic() - started, 3)
    return finish(record)


def explain(run: Run, record: Record, files: Files, options: Options) -> None:
    """Say what was wrong: mistakes that the checks show, then what probes show.

    Probes run in a worker of their own: this one has met hidden inputs, which it could give back
    as if it had computed them.
    """
    from autograder.mistakes import explaining as checks
    from autograder.probes import explaining as probes
    from autograder.probes.observing import limited

    suspects = checks.explain(run, record, options)
    quick = replace(options, limits=limited(options.limits))
    with opened(run.course, run.week, files, quick) as (session, _):
        record.notes += probes.explain(
            run.course, run.week, session, record.checks, options, suspects
        )


def only(options: Options) -> list[str]:
    """A note for a record that isn't of the whole week."""
    asked = clean(options.only, 100)
    return [f"only {asked} was asked for: the week's other checks were not run"] if asked else []


def owner(submission: Path | Submission) -> str:
    """Whose work a folder holds: its name, or that of the one above a `week_1`."""
    folder = (submission.path if isinstance(submission, Submission) else submission).resolve()
    return folder.parent.name if re.fullmatch(r"week_\d+", folder.name) else folder.name
