"""Building assignments/ from the solutions, and finding where the two have drifted apart."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from course.config import Course
from course.errors import CourseError
from release import seal
from release.files import Changes, Files, compare, read_tree, write
from release.notebooks import notebook_files
from release.skeleton import given_files, relative, week_files

EXPECTED = (
    *("expected.npz", "mistakes.json", "points.json"),
    *("probes.npz", "explanations.json"),
)


def build(course: Course, weeks: list[int]) -> Changes:
    """Bring assignments/ up to date for these weeks; nothing is written unless all succeeds.

    Raises:
        CourseError: a source is wrong, or its public checks can't be released.
    """
    files, made_of = generate(course, weeks)
    changes = compare(files, _current(course, weeks))
    write(course.assignments, files, changes)
    for number, sources in made_of.items():
        seal.write(course, number, sources, read_tree(course.assignments, _written(number)))
    return changes


def drift(course: Course, weeks: list[int]) -> list[str]:
    """A line for every file of assignments/ that isn't what the solutions say, or none."""
    return _differences(course, generate(course, weeks).files, _current(course, weeks))


def module_drift(course: Course, number: int, module: str) -> list[str]:
    """The same for what a student gets of one module; nothing slow is generated for it."""
    names = module_files(number, module)
    files = {
        name: f for name, f in week_files(course, course.week(number)).items() if name in names
    }
    return _differences(course, files, read_tree(course.assignments, names))


def module_files(number: int, module: str) -> list[str]:
    """The stub and the public checks of a module, by their paths below assignments/."""
    return [f"week_{number}/{module}.py", f"week_{number}/checks/test_{module}.py"]


def _differences(course: Course, files: Files, current: Files) -> list[str]:
    changes = compare(files, current)
    name = relative(course, course.assignments)
    return [
        *(f"missing {name}/{path}" for path in changes.missing),
        *(f"changed {name}/{path}{_where(files[path], current[path])}" for path in changes.changed),
        *(f"stale   {name}/{path}" for path in changes.stale),
    ]


class Generated(NamedTuple):
    """Files, and by week a hash of what the grader made some of them of."""

    files: Files
    made_of: dict[int, str]


def generate(course: Course, weeks: Iterable[int]) -> Generated:
    """All generated files of these weeks, and given/.

    Raises:
        CourseError: with the problems of all weeks, before anything slow is started.
    """
    files = given_files(course)
    problems: list[str] = []
    for number in weeks:
        try:
            files |= week_files(course, course.week(number))
        except CourseError as error:
            problems += error.problems
    try:
        files |= notebook_files(course, weeks)
    except CourseError as error:
        problems += error.problems
    if problems:
        raise CourseError(*problems)
    made_of = {}
    for number in weeks:
        if any(path.startswith(f"week_{number}/checks/") for path in files):
            # Before anything is computed: what is changed meanwhile isn't what it was made of.
            made_of[number] = expect_public_checks(course, number, None)
            files |= _expected(course, number, made_of[number])
    return Generated(files, made_of)


def expect_public_checks(course: Course, week: int, folder: Path | None) -> str:
    """Let the grader write the expected values and hints of a week's public checks to `folder`.

    Returns:
        A hash of all that they are made of.
    Raises:
        CourseError: the checks or the solutions are at fault.
        RuntimeError: the grader itself is.
    """
    engine = [sys.executable, "-m", "autograder", "--course", str(course.root)]
    out = [] if folder is None else ["--out", str(folder)]
    command = [*engine, "expected", str(week), *out]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 2):
        said = f"ended with {done.returncode}:\n{done.stderr}"
        raise RuntimeError(f"autograder expected {week} {said}")
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise CourseError(f"week {week}: the public checks can't be released:\n{said}")
    return done.stdout.strip()


def _expected(course: Course, number: int, sources: str) -> Files:
    """What the grader writes for a week, or what is there, if it was made of these sources."""
    current = read_tree(course.assignments, _written(number))
    if seal.holds(course, number, sources, current):
        return current
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        expect_public_checks(course, number, Path(folder))
        missing = [name for name in EXPECTED if not (Path(folder) / name).is_file()]
        if missing:
            raise RuntimeError(f"{', '.join(missing)} of week {number} were not written")
        return {path: (Path(folder) / Path(path).name).read_bytes() for path in _written(number)}


def _written(number: int) -> list[str]:
    """The paths of what the grader writes for a week."""
    return [f"week_{number}/checks/{name}" for name in EXPECTED]


def _current(course: Course, weeks: Iterable[int]) -> Files:
    """The files that a build of these weeks answers for; all weeks: also folders of no week."""
    folders = {"given", course.fixtures.name, *(f"week_{number}" for number in weeks)}
    if set(weeks) == set(course.written):
        folders |= {path.name for path in course.assignments.glob("week_*")}
    return read_tree(course.assignments, sorted(folders))


def _where(new: bytes, old: bytes) -> str:
    """` (line 12)`, the first that differs in two texts."""
    try:
        pairs = zip_longest(new.decode().split("\n"), old.decode().split("\n"))
        line = next(n for n, (a, b) in enumerate(pairs, start=1) if a != b)
        return f" (line {line})"
    except UnicodeDecodeError:
        return ""
