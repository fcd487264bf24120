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
from typing import Any

import msgspec

from course.config import Course
from course.errors import CourseError
from course.markers import HIDDEN_TESTS, SOLUTION, Region, find_regions
from release.files import Files

NAME = "exercise.ipynb"
CONFIG = "nbgrader_config.py"
FORMAT = 4


class Cell(msgspec.Struct):
    """A cell of one of the course's own notebooks."""

    cell_type: str
    id: str
    source: str | list[str]
    metadata: dict[str, Any] = {}
    outputs: list[Any] = []
    execution_count: int | None = None

    @property
    def text(self) -> str:
        return self.source if isinstance(self.source, str) else "".join(self.source)

    def is_marked(self, kind: str) -> bool:
        """Whether nbgrader's metadata says so: `kind` is "solution", "grade" or "locked"."""
        return bool(self.metadata.get("nbgrader", {}).get(kind))

    def regions(self, name: str) -> list[Region]:
        """The regions of a code cell. Raises CourseError: a marker is wrong."""
        return find_regions(self.text, f"{name}[{self.id}]") if self.cell_type == "code" else []


class Notebook(msgspec.Struct):
    nbformat: int
    cells: list[Cell]


def notebook_files(course: Course, weeks: Iterable[int]) -> Files:
    """The released notebooks of these weeks, of those that have one.

    Raises:
        CourseError: with every problem of every notebook.
    """
    chosen = [number for number in weeks if source(course, number).is_file()]
    problems = [problem for number in chosen for problem in problems_of(course, number)]
    if chosen and not (course.root / CONFIG).is_file():
        problems.append(f"{CONFIG}: missing. The notebooks can't be released without it.")
    if problems:
        raise CourseError(*problems)
    return convert(course, chosen) if chosen else {}


def source(course: Course, number: int) -> Path:
    return course.solutions / f"week_{number}" / NAME


def read(path: Path, name: str) -> list[Cell]:
    """The cells of a notebook.

    Raises:
        CourseError: it isn't one of format 4 with an id for each cell.
    """
    try:
        notebook = msgspec.json.decode(path.read_bytes(), type=Notebook)
    except msgspec.DecodeError as error:
        raise CourseError(f"{name}: not a notebook: {error}.") from None
    if notebook.nbformat != FORMAT:
        raise CourseError(f"{name}: of format {notebook.nbformat}. Save it as format {FORMAT}.")
    return notebook.cells


def problems_of(course: Course, number: int) -> list[str]:
    """What keeps a week's notebook from being released."""
    name = source(course, number).relative_to(course.root).as_posix()
    problems: list[str] = []
    try:
        cells = read(source(course, number), name)
    except CourseError as error:
        return list(error.problems)
    for cell in cells:
        try:
            problems += _cell_problems(cell, name)
        except CourseError as error:
            problems += error.problems
    return problems


def _cell_problems(cell: Cell, name: str) -> Iterator[str]:
    where = f"{name}[{cell.id}]"
    if cell.outputs or cell.execution_count is not None:
        yield f"{where}: holds output. Clear all outputs, then save."
    for region in cell.regions(name):
        needed = {SOLUTION: "solution", HIDDEN_TESTS: "grade"}[region.kind]
        if not cell.is_marked(needed):
            yield f'{where}: a {region.kind} region in a cell that isn\'t marked "{needed}".'
    if cell.cell_type == "code" and cell.is_marked("solution") and not cell.regions(name):
        yield f"{where}: a cell to fill in without a SOLUTION region."


def convert(course: Course, weeks: list[int]) -> Files:
    """Let nbgrader make the students' versions.

    Raises:
        CourseError: nbgrader isn't installed, or refuses a notebook.
    """
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        root = Path(folder)
        for number in weeks:
            target = root / "solutions" / f"week_{number}" / NAME
            target.parent.mkdir(parents=True)
            shutil.copyfile(source(course, number), target)
        _run_nbgrader(course, root)
        released = sorted((root / "assignments").glob(f"week_*/{NAME}"))
        if len(released) != len(weeks):
            raise CourseError(f"nbgrader released {len(released)} of {len(weeks)} notebooks.")
        return {path.relative_to(root / "assignments").as_posix(): tidy(path) for path in released}


def _run_nbgrader(course: Course, root: Path) -> None:
    try:
        from nbgrader.converters import GenerateAssignment
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config.loader import PyFileConfigLoader
    except ImportError as error:
        advice = "Install it: pip install nbgrader"
        raise CourseError(f"the notebooks need nbgrader ({error}). {advice}") from None
    config = PyFileConfigLoader(CONFIG, path=str(course.root)).load_config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.assignment_id = "week_*"
    config.SaveCells.enabled = False  # the gradebook is filled when there is something to grade
    directory = CourseDirectory(config=config)
    try:
        GenerateAssignment(coursedir=directory, config=config, no_database=True).start()
    except Exception as error:  # nbgrader raises what its parts raise
        raise CourseError(f"nbgrader refuses the notebooks: {error}") from error


def tidy(path: Path) -> bytes:
    """The notebook with its keys in a fixed order, so that building again changes nothing."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
