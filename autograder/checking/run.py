"""Runs a week's checks with pytest in this process, against a session."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from autograder.checking import points
from autograder.checking.plugin import GraderPlugin
from autograder.checking.tools import Run
from autograder.loading import line_of, load_file, what
from autograder.notebook.running import Notebook
from autograder.options import GradingError, Options, course_secret, public_only
from autograder.oracle.cache import cache_of
from autograder.oracle.released import FILE as EXPECTED
from autograder.oracle.released import Released
from autograder.results import CheckResult
from autograder.sandbox.session import Session
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
        GradingError: the checks folder is missing or empty, a check file can't be loaded, or a
            check has a weight that is none, or needs what is no check.
    """
    folder = course.checks(week.number)
    if not folder.is_dir():
        missing = course.relative(folder)
        raise GradingError(f"there are no checks for week {week.number}: {missing} is missing")
    released = Released(folder / EXPECTED)
    hidden = not public_only(course, options)
    run = Run(
        course=course,
        week=week,
        session=session,
        cache=cache_of(course.root),
        secret=course_secret(course, options) if hidden or options.calibrating else "",
        released=released if released.exists else None,
        released_points=None if course.has_solutions else points.released(folder),
        thresholds=accuracy.load(course, week.number),
        modules=options.modules,
        public_only=not hidden,
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
    forget_other_weeks(folder)
    errors = io.StringIO()
    plugin = GraderPlugin(run)
    here = ["--rootdir", str(folder), "--confcutdir", str(folder), str(folder)]
    plugins = [plugin, *course_fixtures(course)]
    with contextlib.redirect_stderr(errors), warnings.catch_warnings():
        warnings.simplefilter("error")
        code = pytest.main([*ARGUMENTS, *here], plugins=plugins)
    if plugin.problems or code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        reason = (
            "\n".join(dict.fromkeys(plugin.problems))
            or (
                code == pytest.ExitCode.NO_TESTS_COLLECTED
                and f"{course.relative(folder)} holds none"
            )
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
        place = f"{course.relative(course.fixtures)}:{line_of(course.fixtures, error) or 1}"
        raise GradingError(f"{place}: can't be loaded: {what(error)}") from error


def forget_other_weeks(folder: Path) -> None:
    """Two weeks have check files of the same name: Python must not take one for the other."""
    for path in folder.glob("test_*.py"):
        module = sys.modules.get(path.stem)
        if module is not None and Path(module.__file__ or "").parent != folder:
            del sys.modules[path.stem]
