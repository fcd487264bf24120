"""Collects a week's checks with pytest, once in a process: every submission runs the same ones."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from autograder.checking import marks
from autograder.checking.plugin import GraderPlugin
from autograder.checking.tools import Run
from autograder.loading import line_of, load_file, what
from autograder.options import GradingError
from course.config import Course
from course.errors import CourseError

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

# The checks of each folder, and the state of the files that they were collected from.
KEPT: dict[Path, tuple[list[tuple[Path, int, int]], Collected]] = {}


class Collected(msgspec.Struct, frozen=True):
    """The checks of a week, and the plugin that runs them."""

    items: list[pytest.Function]
    plugin: GraderPlugin

    def unknown_fixtures(self) -> set[str]:
        """Names that checks take and nobody provides."""
        return {
            name
            for item in self.items
            for name in item.fixturenames
            if name != "request" and name not in item._fixtureinfo.name2fixturedefs
        }

    def run(self, run: Run) -> list[str]:
        """Run the checks that are wanted; what is wrong with the checks themselves comes back."""
        chosen = self.plugin.begin(run, self.items)
        try:
            with strictly():
                for place, item in enumerate(chosen, start=1):
                    # Without a next one all is torn down, so that this may be the last.
                    last = run.first_failure or place == len(chosen)
                    following = None if last else chosen[place]
                    self.plugin.run_check(item, following)
                    if run.failed_once:
                        break
        except BaseException:  # interrupted: what pytest has set up is half torn down
            KEPT.clear()
            raise
        return self.plugin.problems


class Collector:
    """The pytest plugin that gathers the checks, and runs none."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.items: list[pytest.Function] = []
        self.problems: list[str] = []  # check files that can't be loaded

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line(
            "markers", "check(weight=1, needs=()): its share of the points, and what it waits for"
        )
        config.addinivalue_line("markers", "accuracy: trains a model")

    def pytest_exception_interact(
        self, node: pytest.Item | pytest.Collector, call: pytest.CallInfo[Any]
    ) -> None:
        """A check file that can't be loaded."""
        if isinstance(node, pytest.Collector) and call.excinfo is not None:
            error = call.excinfo.value
            cause = error.__cause__ or error  # pytest wraps what an import raises
            place = f"{self.course.relative(node.path)}:{line_of(node.path, cause) or 1}"
            self.problems.append(f"{place}: can't be loaded: {what(cause)}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = [item for item in session.items if isinstance(item, pytest.Function)]
        return True


def checks_of(course: Course, number: int) -> Collected:
    """The checks of a week; those of the time before if no file has changed since.

    Raises:
        GradingError: a file can't be loaded, or a mark in it is wrong; or there is no check.
    """
    folder = course.checks(number)
    now = state(folder, course.fixtures)
    if folder not in KEPT or KEPT[folder][0] != now:
        try:
            KEPT[folder] = now, collect(course, folder)
        except CourseError as error:
            reason = "\n".join(dict.fromkeys(error.problems))[:2000]
            raise GradingError(f"the checks of week {number} can't be run: {reason}") from None
    return KEPT[folder][1]


def state(folder: Path, fixtures: Path) -> list[tuple[Path, int, int]]:
    """What changes when a file does that checks are collected from."""
    files = [file for file in (*sorted(folder.glob("*.py")), fixtures) if file.is_file()]
    return [(file, file.stat().st_mtime_ns, file.stat().st_size) for file in files]


def collect(course: Course, folder: Path) -> Collected:
    """The checks in `folder`.

    Raises:
        CourseError: they can't be run.
    """
    forget(folder)
    collector, plugin = Collector(course), GraderPlugin()
    here = ["--rootdir", str(folder), "--confcutdir", str(folder), str(folder)]
    with strictly() as errors:
        plugins = [collector, plugin, *course_fixtures(course)]
        code = pytest.main([*ARGUMENTS, *here], plugins=plugins)
    if code == pytest.ExitCode.INTERRUPTED and not collector.problems:
        raise KeyboardInterrupt  # pytest catches it, and says so in this way
    if not collector.problems and code != pytest.ExitCode.OK:
        none = code == pytest.ExitCode.NO_TESTS_COLLECTED
        reason = f"{course.relative(folder)} holds none" if none else errors.getvalue().strip()
        collector.problems.append(reason or f"pytest ended with {code}")
    if collector.problems:
        raise CourseError(*collector.problems)
    plugin.marks = marks.read(collector.items, course)
    if faults := list(marks.faults(plugin.marks)):
        raise CourseError(*faults)
    return Collected(collector.items, plugin)


@contextmanager
def strictly() -> Iterator[io.StringIO]:
    """A warning is an error inside, and what pytest writes is kept."""
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield errors


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


def forget(folder: Path) -> None:
    """Two weeks have check files of the same name, and a file may have changed."""
    for path in folder.glob("*.py"):
        sys.modules.pop(path.stem, None)
