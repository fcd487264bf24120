"""Runs a week's checks with pytest in this process, against a session."""

from __future__ import annotations

from collections.abc import Callable

from autograder.checking import points
from autograder.checking.collected import checks_of
from autograder.checking.tools import Run
from autograder.notebook.running import Notebook
from autograder.options import GradingError, Options, course_secret, public_only
from autograder.oracle.cache import cache_of
from autograder.oracle.released import FILE as EXPECTED
from autograder.oracle.released import Released
from autograder.results import CheckResult
from autograder.sandbox.session import Session
from autograder.submission.released import missing_checks
from course import accuracy
from course.config import Course, Week


def run_checks(
    course: Course,
    week: Week,
    session: Session,
    options: Options,
    on_check: Callable[[CheckResult], None] = lambda _: None,
    notebook: Notebook | None = None,
) -> Run:
    """Run the checks; the results are in the run that comes back, by check id.

    Raises:
        GradingError: the checks folder is missing or empty, a check file can't be loaded, or a
            check has a weight that is none, or needs what is no check.
    """
    folder = course.checks(week.number)
    if not folder.is_dir():
        missing = course.relative(folder)
        raise GradingError(f"there are no checks for week {week.number}: {missing} is missing")
    released = Released(folder / EXPECTED)
    worth = None if course.has_solutions else points.released(folder)
    if worth is not None:
        refuse_incomplete(course, week, [*worth])
    rehearsal = public_only(course, options)
    run = Run(
        course=course,
        week=week,
        session=session,
        cache=cache_of(course.root),
        secret="" if rehearsal else course_secret(course, options),
        released=released if released.exists else None,
        released_points=worth,
        thresholds=accuracy.load(course, week.number),
        modules=options.modules,
        only=options.only,
        public_only=rehearsal,
        accuracy=options.accuracy,
        calibrating=options.calibrating,
        first_failure=options.first_failure,
        on_check=on_check,
        notebook=notebook,
    )
    for module in options.modules:
        if not (file := folder / f"test_{module}.py").is_file():
            missing = course.relative(file)
            raise GradingError(f"there are no checks of {module}: {missing} is missing")
    if problems := checks_of(course, week.number).run(run):
        reason = "\n".join(dict.fromkeys(problems))[:2000]
        raise GradingError(f"the checks of week {week.number} can't be run: {reason}")
    return run


def refuse_incomplete(course: Course, week: Week, released: list[str]) -> None:
    """Refuse a student's checkout in which something of the checks was deleted.

    Raises:
        GradingError: with the command that brings it back.
    """
    missing = missing_checks(course, week.number, released)
    if not missing and not course.fixtures.is_file():
        collected = checks_of(course, week.number)
        if any(collected.unknown_fixtures()):
            missing = [course.relative(course.fixtures)]
    if missing:
        place = " ".join(missing)
        raise GradingError(
            f"the checks of week {week.number} can't be run: {', '.join(missing)} is missing. "
            f"Bring it back with: git checkout HEAD -- {place}"
        )
