"""What a student gets of a week's exercise notebook: made by nbgrader, after our own checks.

nbgrader cuts solutions and hidden tests, locks cells, computes checksums and validates its
metadata. It works in a temporary course that holds the notebooks and nothing else. Importing it
takes seconds, so that happens only where there is a notebook to convert.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from course import nbgrader
from course.config import Course
from course.errors import CourseError
from course.markers import HIDDEN_TESTS, SOLUTION
from course.notebooks import NAME, CourseCell, path, read
from release.files import Files


def notebook_files(course: Course, weeks: Iterable[int]) -> Files:
    """The released notebooks of these weeks, of those that have one.

    Raises:
        CourseError: with every problem of every notebook.
    """
    chosen = [number for number in weeks if path(course, number).is_file()]
    problems = [problem for number in chosen for problem in problems_of(course, number)]
    if problems:
        raise CourseError(*problems)
    return convert(course, chosen) if chosen else {}


def problems_of(course: Course, number: int) -> list[str]:
    """What keeps a week's notebook from being released."""
    name = path(course, number).relative_to(course.root).as_posix()
    problems: list[str] = []
    try:
        cells = read(path(course, number), course).cells
    except CourseError as error:
        return list(error.problems)
    for cell in cells:
        try:
            problems += _cell_problems(cell, name)
        except CourseError as error:
            problems += error.problems
    return problems


def _cell_problems(cell: CourseCell, name: str) -> Iterator[str]:
    where = f"{name}[{cell.id}]"
    if cell.has_output:
        yield f"{where}: holds output. Clear all outputs, then save."
    marked = {SOLUTION: cell.settings.solution, HIDDEN_TESTS: cell.settings.grade}
    for region in cell.regions(name):
        if not marked[region.kind]:
            needed = {SOLUTION: "solution", HIDDEN_TESTS: "grade"}[region.kind]
            yield f'{where}: a {region.kind} region in a cell that isn\'t marked "{needed}".'
    if cell.cell_type == "code" and cell.settings.solution and not cell.regions(name):
        yield f"{where}: a cell to fill in without a SOLUTION region."


def convert(course: Course, weeks: list[int]) -> Files:
    """Let nbgrader make the students' versions.

    Raises:
        CourseError: nbgrader isn't installed or configured, or refuses a notebook.
    """
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        root = Path(folder)
        for number in weeks:
            target = root / "solutions" / f"week_{number}" / NAME
            target.parent.mkdir(parents=True)
            shutil.copyfile(path(course, number), target)
        _run_nbgrader(course, root)
        released = sorted((root / "assignments").glob(f"week_*/{NAME}"))
        if len(released) != len(weeks):
            raise CourseError(f"nbgrader released {len(released)} of {len(weeks)} notebooks.")
        return {path.relative_to(root / "assignments").as_posix(): tidy(path) for path in released}


def _run_nbgrader(course: Course, root: Path) -> None:
    config = nbgrader.load(course, root)
    config.CourseDirectory.assignment_id = "week_*"
    config.SaveCells.enabled = False  # the gradebook is filled when there is something to grade
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    directory = CourseDirectory(config=config)
    try:
        GenerateAssignment(coursedir=directory, config=config, no_database=True).start()
    except Exception as error:  # nbgrader raises what its parts raise
        raise CourseError(f"nbgrader refuses the notebooks: {error}") from error


def tidy(path: Path) -> bytes:
    """The notebook with its keys in a fixed order, so that building again changes nothing."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
