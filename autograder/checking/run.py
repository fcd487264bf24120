"""Runs a week's checks with pytest in this process, against a session."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from autograder.checking.plugin import GraderPlugin
from autograder.checking.tools import Run
from autograder.loading import load_file
from autograder.notebook.running import Notebook
from autograder.options import GradingError, Options, course_secret, public_only
from autograder.oracle.cache import cache_of
from autograder.oracle.released import FILE as EXPECTED
from autograder.oracle.released import Released
from autograder.results import CheckResult
from autograder.sandbox.session import Session
from autograder.submission.notebook_file import EXERCISE
from course import accuracy
from course.config import Course, Week

# Only what running functions with fixtures takes: no cache folder, no capturing, no plugins of
# the surrounding environment, no configuration file, no conftest.py from anywhere. Each plugin
# that isn't there saves time in every check of every submission.
UNUSED = (
    *("cacheprovider", "terminal", "logging", "unittest", "doctest", "junitxml", "pastebin"),
    *("faulthandler", "stepwise", "setuponly", "setupplan", "debugging"),
    *("unraisableexception", "threadexception", "capture", "assertion", "warnings", "skipping"),
    *("monkeypatch", "recwarn", "tmpdir", "legacypath", "freeze_support", "subtests"),
)
ARGUMENTS = [
    *("-c", os.devnull, "--noconftest", "--disable-plugin-autoload", "--import-mode=importlib"),
    *(argument for name in UNUSED for argument in ("-p", f"no:{name}")),
]
gc.freeze()  # pytest and NumPy stay: they needn't be searched for garbage in every run


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
        GradingError: the checks folder is missing or empty, or a check file can't be loaded.
    """
    folder = course.checks(week.number)
    released = Released(folder / EXPECTED)
    hidden = not public_only(course, options)
    run = Run(
        course=course,
        week=week,
        session=session,
        cache=cache_of(course.root),
        secret=course_secret(course, options) if hidden or options.calibrating else "",
        released=released if released.exists else None,
        thresholds=accuracy.load(course, week.number),
        public_only=not hidden,
        accuracy=options.accuracy,
        calibrating=options.calibrating,
        on_check=on_check,
        notebook=notebook,
    )
    if not folder.is_dir():
        raise GradingError(f"there are no checks for week {week.number}: {folder} is missing")
    target = [f"--ignore={folder / f'test_{EXERCISE}.py'}", str(folder)]
    if options.module is not None:
        target = [str(folder / f"test_{options.module}.py")]
    forget_other_weeks(folder)
    errors = io.StringIO()
    plugin = GraderPlugin(run)
    here = ["--rootdir", str(folder), "--confcutdir", str(folder)]
    with contextlib.redirect_stderr(errors), warnings.catch_warnings():
        warnings.simplefilter("error")
        code = pytest.main([*ARGUMENTS, *here, *target], plugins=[plugin, *course_fixtures(course)])
    if code == pytest.ExitCode.INTERRUPTED and not plugin.problems:
        raise KeyboardInterrupt  # pytest catches it, and says so in this way
    if plugin.problems or code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        reason = (
            "; ".join(dict.fromkeys(plugin.problems))
            or errors.getvalue().strip()
            or f"pytest ended with {code}"
        )
        raise GradingError(f"the checks of week {week.number} can't be run: {reason[:2000]}")
    return run


def course_fixtures(course: Course) -> list[ModuleType]:
    """The plugin with the course's own fixtures, if it has any.

    Raises:
        GradingError: it can't be loaded.
    """
    if not course.fixtures.is_file():
        return []
    try:
        return [load_file(course.fixtures)]
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].lineno
        raise GradingError(
            f"{course.fixtures}:{line}: can't be loaded: {type(error).__name__}: {error}"
        ) from error


def forget_other_weeks(folder: Path) -> None:
    """Two weeks have check files of the same name: Python must not take one for the other."""
    for path in folder.glob("test_*.py"):
        module = sys.modules.get(path.stem)
        if module is not None and Path(module.__file__ or "").parent != folder:
            del sys.modules[path.stem]
