"""Grades a submission's exercise notebook: runs its cells, then the checks on what they left."""

from __future__ import annotations

import py_compile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autograder.checking.run import run_checks
from autograder.notebook.running import PACKAGES, RUNNER, Notebook, run_cells
from autograder.options import Options
from autograder.results import CheckResult, Record, Verdict
from autograder.sandbox.process import WorkerCrashed, WorkerTimeout
from autograder.sandbox.protocol import Raised
from autograder.sandbox.session import RefusedModule, Session, StudentError
from autograder.submission import notebook_file
from autograder.submission.finding import Submission
from autograder.submission.intake import Files, Intake, Missing, Refused
from autograder.submission.opening import opened
from course import notebooks
from course.config import Course, Week


def grade_notebook(
    course: Course,
    week: Week,
    submission: Path | Submission | Files,
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
        replaced: list[str] = []
        try:
            cells = notebook_file.load(intake.files)
            if course.has_solutions:
                loaded = {c.module for c in record.checks if c.verdict is Verdict.PASSED}
                replaced = replace_what_does_not_load(course, week, session, intake, loaded)
            done = run_cells(course, week, session, cells, options)
        except Refused as reason:
            done = Notebook(session, problem=refusal(reason))
        if replaced:
            keep_to_oneself(done)
        checks = run_checks(course, week, session, options, on_check, done).results.values()
        for check in checks:
            check.hidden |= bool(replaced)
        record.checks += checks
        record.notes += [*replaced, *done.notes]


def replace_what_does_not_load(
    course: Course, week: Week, session: Session, intake: Intake, loaded: set[str]
) -> list[str]:
    """Put the reference in the place of modules that are finished and can't be imported.

    A slip in one of them has cost its own points already; one with a stub left would only gain by
    a slip, and one that was `loaded` before, for its own checks, is broken on purpose. A note tells
    of each.
    """
    notes = []
    unfinished = {todo.file for todo in intake.todos}
    handed_in = [m for m in week.modules if f"{m}.py" in intake.files.handed_in]
    finished = [m for m in handed_in if f"week_{week.number}/{m}.py" not in unfinished]
    for module in [m for m in finished if m not in loaded]:
        name = f"week_{week.number}.{module}"
        session.begin_check()
        try:
            session.import_module(name)
        except (StudentError, WorkerTimeout, WorkerCrashed):
            place = intake.root / f"week_{week.number}" / f"{module}.py"
            place.unlink(missing_ok=True)
            source = course.folder(week.number) / place.name
            py_compile.compile(str(source), str(place.with_suffix(".pyc")), place.name, optimize=2)
            session.refused.pop(module, None)
            session.broken.pop(name, None)
            notes.append(
                f"week_{week.number}/{place.name} doesn't load: the notebook was run with the "
                "reference in its place"
            )
    session.start()  # the last one may have ended the worker
    return notes


def keep_to_oneself(done: Notebook) -> None:
    """Show nothing that a notebook drew or said: it could be the reference, which it can read."""
    done.figures.clear()
    done.notes[:] = ["what the notebook drew and said is not shown, with the reference beside it"]


def refusal(reason: Refused) -> StudentError:
    """How every check ends if there is no notebook to run."""
    if isinstance(reason, Missing):
        kinds = ["NotImplementedError"]
        return StudentError(Raised(0, kinds, f"no {notebooks.NAME} was handed in", []))
    return RefusedModule(f"{notebooks.NAME} {reason}")
