"""Proves before a batch that the grader is sound: the reference gets full marks, its skeleton 0.

Both are graded as the class is. What was proven is kept with the course's caches, and holds as long
as the records do: until a file changes that a verdict depends on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from autograder import batch
from autograder.batch import Job
from autograder.options import GradingError, Options
from autograder.pool import pool
from autograder.results import OUR_FAULT, CheckResult, Record, Verdict
from autograder.submission.finding import Submission
from course.config import Course, Week
from course.markers import strip_solutions

REFERENCE, SKELETON = "reference", "skeleton"
SHOWN = 5  # checks at most, so that a message stays a message


def prove(course: Course, week: Week, options: Options) -> str:
    """What was proven, in a sentence; empty in a student's checkout, which has no reference.

    Raises:
        GradingError: a canary doesn't get what it must; which checks, and why.
        SandboxError, CourseError, OSError: of what concerns everybody.
    """
    if not course.has_solutions:
        return ""
    with submitted(course, week) as submissions:
        work = batch.jobs(course, week, submissions, kept_in(course, week), as_quick(options))
        try:
            records = graded(course, week, work)
            problems = [text for record in records if (text := problem(record))]
            if problems:
                for job in work:  # on a busy machine the next run may find it well
                    job.record.unlink(missing_ok=True)
                raise GradingError(broken(week, problems))
        except BaseException as error:
            error.add_note("No submission was graded.")
            raise
    return said(records)


def as_quick(options: Options) -> Options:
    """Nobody reads the hints of a canary."""
    return replace(options, explain=False)


def kept_in(course: Course, week: Week) -> Path:
    return course.root / ".cache" / "canaries" / f"week_{week.number}"


@contextmanager
def submitted(course: Course, week: Week) -> Iterator[list[Submission]]:
    """The canaries: the reference, and its skeleton if it has marked any part as the solution."""
    source = course.solutions / f"week_{week.number}"
    reference = Submission(REFERENCE, source)
    texts = {name: (source / f"{name}.py").read_text(encoding="utf-8") for name in week.modules}
    stubs = {
        name: strip_solutions(text, f"week_{week.number}/{name}.py") for name, text in texts.items()
    }
    with tempfile.TemporaryDirectory(prefix="skeleton-") as folder:
        for name, text in stubs.items():
            (Path(folder) / f"{name}.py").write_text(text, encoding="utf-8")
        skeleton = Submission(SKELETON, Path(folder))
        yield [reference, skeleton] if stubs != texts else [reference]


def graded(course: Course, week: Week, work: list[Job]) -> list[Record]:
    """The records of the canaries, side by side; none is graded twice on the same state."""
    kept = [batch.already(course, week, job) for job in work]
    if None not in kept:
        return [record for record in kept if record is not None]
    try:
        with pool(len(work), course.root, week.number) as executor:
            return list(executor.map(batch.grade_job, work))
    except BrokenProcessPool:
        raise GradingError(broken(week, ["the grader's process died"])) from None


def problem(record: Record) -> str:
    """What is wrong with what a canary got; empty if it is what it must be."""
    points = f"the {record.student} gets {record.score:g} of {record.max_score:g} points"
    if not record.complete and not record.checks:
        return f"the {record.student} can't be graded: {'; '.join(record.notes)}"
    if record.student == REFERENCE:
        wrong = [check for check in record.checks if check.verdict is not Verdict.PASSED]
        return f"{points}: {listed(wrong)}" if wrong or not record.max_score else ""
    wrong = [c for c in record.checks if c.verdict is Verdict.PASSED or c.verdict in OUR_FAULT]
    return f"{points}: {listed(wrong)}" if wrong else ""


def listed(checks: list[CheckResult]) -> str:
    shown = [
        f"{check.id}: {check.verdict}{f': {check.message}' if check.message else ''}"
        for check in checks[:SHOWN]
    ]
    more = [f"and {len(checks) - SHOWN} more"] if len(checks) > SHOWN else []
    return "; ".join([*shown, *more]) or "there is no check"


def broken(week: Week, problems: list[str]) -> str:
    lines = "\n".join(f"  {text}" for text in problems)
    return (
        f"the grader is broken for week {week.number}, whatever is handed in:\n{lines}\n"
        f"Mend it; `autograder verify {week.number}` says more."
    )


def said(records: list[Record]) -> str:
    """Proven before: the reference gets 100 of 100 points here, its skeleton 0."""
    reference, *rest = records
    points = f"{reference.score:g} of {reference.max_score:g} points"
    skeleton = ", its skeleton 0" if rest else ""
    return f"Proven before: the reference gets {points} here{skeleton}."
