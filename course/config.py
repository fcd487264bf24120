"""Reading course.toml: the weeks, their modules and the classes in each.

Importing this is cheap on purpose: the grader does it on every run.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from course import engine
from course.errors import CourseError, did_you_mean
from course.tables import Table, read_toml

FILE = "course.toml"
ANSWERS = "answers"  # the folder with the solutions that were given out, in a student's checkout
_WEEK_KEY = re.compile(r"week_([1-9][0-9]*)")


class Week(msgspec.Struct, frozen=True):
    """One week: what it teaches, and what each of its modules must define.

    Attributes:
        exercise: what its notebook is about; empty in a week without one.
        modules: the names of classes and functions, by module.
    """

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


class Standards(msgspec.Struct, frozen=True):
    """What every week is held to; a course sets those that it wants."""

    hidden: float = 0.0  # per cent of the points, at least
    mistakes: int = 0  # for every class and function, at least
    notebook_points: float = 20.0  # that the checks of a notebook share, by their weights
    mutants: float = 0.0  # per cent of the mutants that checks kill, at least
    graded_by_hand: tuple[int, int] | None = None  # cells of a notebook: from, to


NOT_RELEASED = "It was not released yet, or not merged: `make update` gets what is out"


class Course(msgspec.Struct, frozen=True):
    """The whole course.toml, and where things are below its folder `root`."""

    root: Path
    name: str
    weeks: dict[int, Week]
    standards: Standards = Standards()

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

    def released_checks(self, number: int) -> Path:
        """Where the checks of a week are that students have."""
        return self.assignments / f"week_{number}" / "checks"

    def answers(self, number: int) -> Path:
        """A week's solutions as they were given out; only a student's checkout has them."""
        return self.root / ANSWERS / f"week_{number}"

    def earlier(self, number: int) -> Path:
        """Where a week's modules are taken from for later weeks: the reference, if it is here."""
        given_out = not self.has_solutions and _modules_in(self.answers(number))
        return self.answers(number) if given_out else self.folder(number)

    def relative(self, path: Path) -> str:
        """How messages name a file: from the course's folder, with forward slashes."""
        inside = path.is_relative_to(self.root)
        return (path.relative_to(self.root) if inside else path).as_posix()

    def need_solutions(self) -> None:
        """Raises CourseError in a student's checkout, for what only its authors can do."""
        if not self.has_solutions:
            raise CourseError("solutions/: missing. Only the instructor's repository has this.")

    @property
    def written(self) -> list[int]:
        """The weeks with files; in a student's checkout, those that were released."""
        return [number for number in sorted(self.weeks) if _modules_in(self.folder(number))]

    def written_week(self, number: int) -> Week:
        """The week with this number, which has its files.

        Raises:
            CourseError: it is not in course.toml, or not written.
        """
        week = self.week(number)
        if number not in self.written:
            place = f"{FILE}: [weeks.week_{number}]: {self.relative(self.folder(number))}"
            advice = "Write it first" if self.has_solutions else NOT_RELEASED
            others = _listed(self.written)
            raise CourseError(f"{place} holds no module. {advice}. Weeks that are there: {others}.")
        return week

    def week(self, number: int) -> Week:
        """The week with this number.

        Raises:
            CourseError: there is none; the message lists those there are.
        """
        if number not in self.weeks:
            known = _listed(sorted(self.weeks))
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
    top = read_toml(root / FILE, FILE)
    general = top.table("course")
    name = general.take("name", str)
    if "engine" in general.names():
        engine.require(general.take("engine", str) or "")  # another one may read other keys
    general.close()
    standards = top.table("standards", required=False).struct(Standards)
    weeks = _weeks(top.table("weeks"))
    top.close()
    course = Course(root, name or "", weeks, standards or Standards())
    problems = top.problems + [p for n in sorted(weeks) for p in _missing_files(course, weeks[n])]
    if problems:
        raise CourseError(*problems)
    return course


def _weeks(table: Table) -> dict[int, Week]:
    if not table.names():
        table.complain("holds no week. Add [weeks.week_1].")
    weeks = {}
    for key, number in _numbered(table):
        week = table.table(key)
        weeks[number] = Week(
            number=number,
            title=week.take("title", str) or "",
            topics=(week.take("topics", tuple[str, ...]) or ()) if "topics" in week.names() else (),
            exercise=(week.take("exercise", str) or "") if "exercise" in week.names() else "",
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
    folder = course.folder(week.number)
    found = _modules_in(folder)
    if not found:
        return []
    place = f"{FILE}: [weeks.week_{week.number}]"
    return [
        f'{place}: module "{module}" has no file {course.relative(folder / module)}.py.'
        + (did_you_mean(module, found - week.modules.keys()) or _advice(course))
        for module in week.modules
        if module not in found
    ]


def _modules_in(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.py") if path.stem != "__init__"}


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"


def _advice(course: Course) -> str:
    if course.has_solutions:
        return " Write it, or take the module out."
    return " It was released with the week: bring it back with `git checkout`."
