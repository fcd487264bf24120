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
from autograder.submission.notebook_file import EXERCISE
from autograder.submission.opening import opened
from course.config import Course, Week

TOTAL_SECONDS = 240.0  # for all cells and checks


def grade_notebook(
    course: Course,
    week: Week,
    submission: Path | Submission,
    options: Options,
    record: Record,
    on_check: Callable[[CheckResult], None] = lambda _: None,
) -> None:
    """Run the notebook of a submission and add its checks to the record."""
    options = replace(
        options, module=EXERCISE, limits=replace(options.limits, total_seconds=TOTAL_SECONDS)
    )
    if not (course.checks(week.number) / f"test_{EXERCISE}.py").is_file():
        return
    # The course's data: in its notebook a student reads it as at home.
    data = {f"given/{file.name}": file for file in (course.source / "given").glob("*.npz")}
    beside = {RUNNER.name: RUNNER, **data}
    with opened(course, week, submission, options, beside, PACKAGES) as (session, intake):
        try:
            cells = notebook_file.load(intake.files)[0]
            done = run_cells(course, week, session, cells, options)
        except Refused as reason:
            done = Notebook(session, problem=refusal(reason))
        record.checks += run_checks(course, week, session, options, on_check, done).results.values()
        record.notes += done.notes


def refusal(reason: Refused) -> StudentError:
    """How every check ends if there is no notebook to run."""
    if isinstance(reason, Missing):
        kinds = ["NotImplementedError"]
        return StudentError(Raised(0, kinds, f"no {notebook_file.NAME} was handed in", []))
    return RefusedModule(f"{notebook_file.NAME} {reason}")
