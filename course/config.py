"""Reading course.toml: the weeks, their modules and the classes in each.

Importing this is cheap on purpose: the grader does it on every run.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from course.errors import CourseError, did_you_mean
from course.tables import Table

FILE = "course.toml"
_WEEK_KEY = re.compile(r"week_([1-9][0-9]*)")


class Week(msgspec.Struct, frozen=True):
    """One week: what it teaches, and the classes that each of its modules must define."""

    number: int
    title: str
    topics: tuple[str, ...]
    exercise: str
    modules: dict[str, tuple[str, ...]]

    def module(self, name: str) -> tuple[str, ...]:
        """The classes of the module with this name.

        Raises:
            CourseError: the week has none; the message names the nearest, and all there are.
        """
        if name not in self.modules:
            known = ", ".join(self.modules)
            guess = did_you_mean(name, self.modules)
            raise CourseError(
                f'{FILE}: [weeks.week_{self.number}] has no module "{name}".{guess} '
                f"Its modules: {known}."
            )
        return self.modules[name]


class Course(msgspec.Struct, frozen=True):
    """The whole course.toml, and where things are below its folder `root`."""

    root: Path
    name: str
    weeks: dict[int, Week]

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def assignments(self) -> Path:
        return self.root / "assignments"

    @property
    def has_solutions(self) -> bool:
        """False in a student's checkout."""
        return self.solutions.is_dir()

    @property
    def source(self) -> Path:
        """The folder that the weeks of course.toml are checked against."""
        return self.solutions if self.has_solutions else self.assignments

    @property
    def oracles(self) -> Path:
        """The functions that compute expected arrays; a student's checkout has none."""
        return self.solutions / "oracles"

    @property
    def fixtures(self) -> Path:
        """The course's own pytest fixtures for checks; a course can do without."""
        return self.source / "fixtures.py"

    def folder(self, number: int) -> Path:
        """A week's folder; in a student's checkout the released one."""
        return self.source / f"week_{number}"

    def checks(self, number: int) -> Path:
        """The folder with a week's checks; a student's checkout has only the released ones."""
        return self.folder(number) / "checks"

    def week(self, number: int) -> Week:
        """The week with this number.

        Raises:
            CourseError: there is none; the message lists those there are.
        """
        if number not in self.weeks:
            known = ", ".join(str(n) for n in sorted(self.weeks)) or "none"
            raise CourseError(f"{FILE}: no week {number}. The weeks of this course: {known}.")
        return self.weeks[number]


def find_root(start: Path) -> Path:
    """The nearest folder with a course.toml, from `start` upwards.

    Raises:
        CourseError: there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    raise CourseError(f"{FILE}: neither in {start} nor above it. Run this in the course's folder.")


def load_course(root: Path) -> Course:
    """Read `root`/course.toml, and compare its modules with the files beside it.

    Raises:
        CourseError: with every problem of the file, not only the first.
    """
    top = Table(FILE, "", _parse(root / FILE))
    name = top.table("course").take("name", str)
    top.table("course").close()
    weeks = _weeks(top.table("weeks"))
    top.close()
    course = Course(root, name or "", weeks)
    problems = top.problems + [p for n in sorted(weeks) for p in _missing_files(course, weeks[n])]
    if problems:
        raise CourseError(*problems)
    return course


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"{FILE}: not found in {path.parent}.") from None
    except OSError as error:
        raise CourseError(f"{FILE}: can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CourseError(f"{FILE}: not UTF-8 at byte {error.start}. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{FILE}: not valid TOML: {error}.") from error


def _weeks(table: Table) -> dict[int, Week]:
    if not table.names():
        table.complain("holds no week. Add [weeks.week_1].")
    weeks = {}
    for key, number in _numbered(table):
        week = table.table(key)
        weeks[number] = Week(
            number=number,
            title=week.take("title", str) or "",
            topics=week.take("topics", tuple[str, ...]) or (),
            exercise=week.take("exercise", str) or "",
            modules=_modules(week.table("modules")),
        )
        week.close()
    return weeks


def _modules(table: Table) -> dict[str, tuple[str, ...]]:
    modules = {}
    if not table.names():
        table.complain('names no module. Add a line such as: linear = ["Linear"].')
    for module in table.names():
        classes = table.take(module, tuple[str, ...]) or ()
        for name in (module, *classes):
            if not name.isidentifier():
                table.complain(f'"{name}" is not a Python name.')
        modules[module] = classes
    return modules


def _numbered(table: Table) -> list[tuple[str, int]]:
    matches = {key: _WEEK_KEY.fullmatch(key) for key in table.names()}
    for key in [key for key, match in matches.items() if match is None]:
        table.complain(f'"{key}" is not the name of a week. Write it as week_1, week_2 and so on.')
    return [(key, int(match[1])) for key, match in matches.items() if match]


def _missing_files(course: Course, week: Week) -> list[str]:
    """Modules of course.toml without a file, in a week that has any: others aren't written yet."""
    folder = course.source / f"week_{week.number}"
    found = {path.stem for path in folder.glob("*.py") if path.stem != "__init__"}
    if not found:
        return []
    place = f"{FILE}: [weeks.week_{week.number}]"
    return [
        f'{place}: module "{module}" has no file {(folder / module).relative_to(course.root)}.py.'
        + (did_you_mean(module, found - week.modules.keys()) or _advice(course))
        for module in week.modules
        if module not in found
    ]


def _advice(course: Course) -> str:
    if course.has_solutions:
        return " Write it, or take the module out."
    return " It was released with the week: bring it back with `git checkout`."
