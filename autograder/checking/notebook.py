"""Grades a submission's exercise notebook: runs its cells, then the checks on what they left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autograder.checking.run import run_checks
from autograder.notebook.running import PACKAGES, RUNNER, Notebook, run_cells
from autograder.options import Options
from autograder.results import CheckResult, Record
from autograder.sandbox.protocol import Raised
from autograder.sandbox.session import RefusedModule, StudentError
from autograder.submission import notebook_file
from autograder.submission.finding import Submission
from autograder.submission.intake import Missing, Refused
from autograder.submission.opening import opened
from course import notebooks
from course.config import Course, Week


def grade_notebook(
    course: Course,
    week: Week,
    submission: Path | Submission,
    options: Options,
    record: Record,
    on_check: Callable[[CheckResult], None] = lambda _: None,
) -> None:
    """Run the notebook of a submission and add its checks to the record."""
    limits = replace(options.limits, total_seconds=options.limits.notebook_seconds)
    options = replace(options, modules=(notebooks.MODULE,), limits=limits)
    if not (course.checks(week.number) / f"test_{notebooks.MODULE}.py").is_file():
        return
    # The course's data: in its notebook a student reads it as at home.
    given = [file for file in (course.source / "given").glob("*.*") if file.suffix != ".py"]
    data = {f"given/{file.name}": file for file in given if file.is_file()}
    beside = {RUNNER.name: RUNNER, **data}
    with opened(course, week, submission, options, beside, PACKAGES) as (session, intake):
        try:
            cells = notebook_file.load(intake.files)
            done = run_cells(course, week, session, cells, options)
        except Refused as reason:
            done = Notebook(session, problem=refusal(reason))
        record.checks += run_checks(course, week, session, options, on_check, done).results.values()
        record.notes += done.notes


def refusal(reason: Refused) -> StudentError:
    """How every check ends if there is no notebook to run."""
    if isinstance(reason, Missing):
        kinds = ["NotImplementedError"]
        return StudentError(Raised(0, kinds, f"no {notebooks.NAME} was handed in", []))
    return RefusedModule(f"{notebooks.NAME} {reason}")
