"""Lets pytest, and so an editor's test explorer, run the public checks of a student's checkout.

The checkout's conftest.py loads this. pytest shows the checks; the grader runs them as always, in
a worker, so that their fixtures are there and a verdict is the one of `make grade`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.checking.collected import checks_of
from autograder.grading import grade
from autograder.options import GradingError, Options
from autograder.report.summary import failing, message, says_more
from autograder.results import CheckResult, Record, Verdict
from course.config import Course, load_course
from course.errors import CourseError

WAITING = (Verdict.NOT_ATTEMPTED, Verdict.SKIPPED)
MANY = 3  # checks of a week: so many are run together, with one worker
RECORDS = pytest.StashKey[dict[int, Record]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RECORDS] = {}


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Module | None:
    """The checks of a week, in place of a module whose fixtures pytest doesn't know."""
    place = re.search(r"/week_(\d+)/checks/test_\w+\.py$", module_path.as_posix())
    if place is None:
        return None
    file: CheckFile = CheckFile.from_parent(parent, path=module_path)
    file.course = load_course(module_path.parents[3])
    file.number = int(place[1])
    return file


class CheckFile(pytest.Module):
    """A file with checks of a week; it isn't imported here."""

    course: Course
    number: int

    def collect(self) -> Iterator[pytest.Item]:
        try:
            marks = checks_of(self.course, self.number).plugin.marks
        except (GradingError, CourseError) as error:
            raise self.CollectError(str(error)) from None
        for name, mark in marks.items():
            file, _, check = name.partition("::")
            if file == self.path.name and not mark.of_notebook:
                item: CheckItem = CheckItem.from_parent(self, name=check)
                item.file, item.check, item.line = self, name, mark.line
                yield item


class CheckItem(pytest.Item):
    """A check: passed, failed with what the report says, or skipped where it waits."""

    file: CheckFile
    check: str
    line: int

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.line - 1, self.name

    def runtest(self) -> None:
        result = next(check for check in self.record().checks if check.id == self.check)
        if result.verdict in WAITING:
            pytest.skip(result.message)
        if result.verdict is not Verdict.PASSED:
            pytest.fail(told(result), pytrace=False)

    def record(self) -> Record:
        """This check's own run, or one of all modules of the week that were asked for."""
        course, number = self.file.course, self.file.number
        checks = [one for one in self.session.items if isinstance(one, CheckItem)]
        files = [one.file.path.stem for one in checks if one.file.number == number]
        known = self.config.stash[RECORDS]
        if len(files) < MANY:
            return graded(
                course, number, Options(sandboxed=False, public_only=True, only=self.check)
            )
        if number not in known:
            modules = tuple(dict.fromkeys(file.removeprefix("test_") for file in files))
            options = Options(sandboxed=False, public_only=True, modules=modules)
            known[number] = graded(course, number, options)
        return known[number]


def graded(course: Course, number: int, options: Options) -> Record:
    return grade(course, course.week(number), course.assignments / f"week_{number}", options)


def told(result: CheckResult) -> str:
    """What the report says of a check that went wrong."""
    lines = [f"{result.title}: {result.verdict.value}"]
    lines += [result.message] if says_more(result) else []
    lines += [f"{one.label}: {message(one)}" for one in failing(result)]
    lines += [f"Hint: {result.hint}"] if result.hint else []
    lines += [f"Also: {hint}" for hint in result.also.values()]
    lines += [f"at {frame}" for frame in result.traceback]
    lines += [f"Printed:\n{result.output}"] if result.output else []
    return "\n".join(lines)
