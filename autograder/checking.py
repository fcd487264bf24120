"""Runs a week's checks with pytest in this process, against a session."""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Callable

import pytest

from autograder.fixtures import Run
from autograder.grading import GradingError, Options, course_secret
from autograder.oracle import RECORDED, Cache, Recorded
from autograder.plugin import GraderPlugin
from autograder.results import CheckResult
from autograder.session import Session
from course.config import Course, Week

# Only what running functions with fixtures takes: no cache folder, no capturing, no plugins of
# the surrounding environment, no configuration file, no conftest.py from anywhere.
UNUSED = (
    *("cacheprovider", "terminal", "logging", "unittest", "doctest", "junitxml", "pastebin"),
    *("faulthandler", "stepwise", "setuponly", "setupplan", "debugging"),
    *("unraisableexception", "threadexception"),
)
ARGUMENTS = [
    *("-c", os.devnull, "--noconftest", "--disable-plugin-autoload", "--import-mode=importlib"),
    *("--capture=no", "--assert=plain", "-W", "error"),
    *(argument for name in UNUSED for argument in ("-p", f"no:{name}")),
]
CACHES: dict[str, Cache] = {}  # by path: a batch reads each expected value once


def cache_of(course: Course) -> Cache:
    path = course.root / ".cache" / "oracles.sqlite"
    return CACHES.setdefault(f"{path} {os.getpid()} {threading.get_ident()}", Cache(path))


def run_checks(
    course: Course,
    week: Week,
    session: Session,
    options: Options,
    on_check: Callable[[CheckResult], None] = lambda _: None,
) -> Run:
    """Run the checks; the results are in the run that comes back, by check id.

    Raises:
        GradingError: the checks folder is missing or empty, or a check file can't be loaded.
    """
    folder = course.checks(week.number)
    recorded = Recorded(folder / RECORDED)
    hidden = not options.public_only and course.has_solutions
    run = Run(
        course=course,
        week=week,
        session=session,
        cache=cache_of(course),
        secret=course_secret(course, options) if hidden or options.calibrating else "",
        recorded=recorded if recorded.exists else None,
        public_only=options.public_only,
        accuracy=options.accuracy,
        calibrating=options.calibrating,
        on_check=on_check,
    )
    if not folder.is_dir():
        raise GradingError(f"there are no checks for week {week.number}: {folder} is missing")
    target = folder if options.module is None else folder / f"test_{options.module}.py"
    errors = io.StringIO()
    plugin = GraderPlugin(run)
    with contextlib.redirect_stderr(errors):
        code = pytest.main([*ARGUMENTS, "--rootdir", str(folder), str(target)], plugins=[plugin])
    if plugin.problems or code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        reason = (
            "; ".join(dict.fromkeys(plugin.problems))
            or errors.getvalue().strip()
            or f"pytest ended with {code}"
        )
        raise GradingError(f"the checks of week {week.number} can't be run: {reason[:2000]}")
    return run
