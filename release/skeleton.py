"""What a student gets for a week: the handout, the stubs, the public checks."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from course import accuracy, catalogue
from course.config import Course, Week
from course.errors import CourseError, did_you_mean
from course.markers import strip_hidden, strip_solutions
from course.names import bound_names
from release.files import Files, read_tree

Strip = Callable[[str, str], str]


def given_files(course: Course) -> Files:
    """A verbatim copy of the code that every student gets complete, and of the checks' fixtures."""
    return read_tree(course.solutions, ["given", course.fixtures.name])


def week_files(course: Course, week: Week) -> Files:
    """The handout, the stubs and the public checks of a week.

    Raises:
        CourseError: with every problem of every file.
    """
    folder = course.solutions / f"week_{week.number}"
    problems = list(_missing(course, folder, week))
    files: Files = {}
    for path in sorted(folder.glob("*.py")):
        files[f"{folder.name}/{path.name}"] = _stripped(course, path, strip_solutions, problems)
    for path in check_sources(course, week.number):
        text = _stripped(course, path, strip_hidden, problems)
        if has_test(text.decode()):
            files[f"{folder.name}/checks/{path.name}"] = text
    for path in probe_sources(course, week.number):
        files[f"{folder.name}/checks/{path.name}"] = path.read_bytes()
    try:  # nothing of these is released: a broken one is found at once
        catalogue.load(course, week)
        catalogue.deviations(course, week)
    except CourseError as error:
        problems += error.problems
    if problems:
        raise CourseError(*problems)
    files[f"{folder.name}/README.md"] = (folder / "README.md").read_bytes()
    shown = files.get(f"{folder.name}/checks/test_accuracy.py", b"").decode()
    public = set(bound_names(ast.parse(shown).body))
    thresholds = accuracy.for_students(accuracy.load(course, week.number))
    if students := {name: found for name, found in thresholds.items() if name in public}:
        files[f"{folder.name}/{accuracy.FILE}"] = accuracy.dump(students).encode()
    return files


def check_sources(course: Course, number: int) -> list[Path]:
    """The files with a week's checks, hidden ones included."""
    return sorted((course.solutions / f"week_{number}" / "checks").glob("test_*.py"))


def probe_sources(course: Course, number: int) -> list[Path]:
    """The files with a week's probes, which students get as they are."""
    return sorted((course.solutions / f"week_{number}" / "checks").glob("probes_*.py"))


def has_test(text: str) -> bool:
    """Whether pytest would find a test in this source: a function, or one that is declared."""
    body = ast.parse(text).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    names = bound_names([*body, *(statement for node in classes for statement in node.body)])
    return any(name.startswith("test_") for name in names)


def relative(course: Course, path: Path) -> str:
    """How messages name a file: from the course's root, with forward slashes."""
    return path.relative_to(course.root).as_posix()


def read_source(course: Course, path: Path) -> str:
    """The text of a source file.

    Raises:
        CourseError: it isn't UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        where = relative(course, path)
        raise CourseError(f"{where}: not UTF-8 at byte {error.start}. Save it as UTF-8.") from None


def _missing(course: Course, folder: Path, week: Week) -> Iterator[str]:
    """Files that aren't there, and modules that course.toml doesn't know."""
    for name in ("README.md", "__init__.py", *(f"{module}.py" for module in week.modules)):
        if not (folder / name).is_file():
            yield f"{relative(course, folder)}/{name}: missing. A week can't be built without it."
    for path in sorted(folder.glob("*.py")):
        if path.stem not in {"__init__", *week.modules}:
            guess = did_you_mean(path.stem, week.modules)
            advice = f"Add it to [weeks.{folder.name}.modules], or remove the file."
            yield f"{relative(course, path)}: no module of course.toml.{guess} {advice}"


def _stripped(course: Course, path: Path, strip: Strip, problems: list[str]) -> bytes:
    try:
        return strip(read_source(course, path), relative(course, path)).encode()
    except CourseError as error:
        problems += error.problems
        return b""
