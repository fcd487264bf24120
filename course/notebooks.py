"""Reading exercise notebooks as data: the course's own strictly, any other as far as it is one.

Nothing of Jupyter is used and nothing is run: a notebook is a JSON file. Importing this is cheap.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from course.config import Course
from course.errors import CourseError
from course.markers import Region, find_regions

NAME = "exercise.ipynb"
MODULE = "exercise"  # in records, the module of its checks: those of test_exercise.py
FORMAT = 4
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

T = TypeVar("T")


class NotANotebook(ValueError):
    """A file is no notebook; the message says why."""


class Settings(msgspec.Struct, frozen=True):
    """What nbgrader's metadata says of a cell."""

    grade_id: str = ""
    grade: bool = False
    solution: bool = False
    points: float = 0.0


class _Metadata(msgspec.Struct):
    nbgrader: Settings = Settings()


class _GradeId(msgspec.Struct, frozen=True):
    grade_id: str = ""


class _AnyMetadata(msgspec.Struct):
    nbgrader: _GradeId = _GradeId()


class Cell(msgspec.Struct):
    """A cell of any notebook; its outputs and all else are skipped while the file is read."""

    cell_type: str
    source: str | list[str] = ""
    metadata: Raw = Raw(b"{}")

    @property
    def text(self) -> str:
        return self.source if isinstance(self.source, str) else "".join(self.source)

    @property
    def grade_id(self) -> str:
        """nbgrader's name of the cell, or an empty string: any metadata may be missing."""
        try:
            return msgspec.json.decode(self.metadata, type=_AnyMetadata).nbgrader.grade_id
        except (msgspec.DecodeError, RecursionError):
            return ""


class AnyNotebook(msgspec.Struct):
    """A file of which nothing is known: `parse` makes it."""

    nbformat: int | float | None = None
    cells: list[Cell] | None = None


class CourseCell(Cell, kw_only=True):
    """A cell of one of the course's own notebooks, with all that is written back."""

    id: str
    attachments: Raw | UnsetType = UNSET
    outputs: list[Raw] | UnsetType = UNSET
    execution_count: int | UnsetType | None = UNSET

    @property
    def settings(self) -> Settings:
        """nbgrader's; `read` has made sure that they are valid."""
        return msgspec.json.decode(self.metadata, type=_Metadata).nbgrader

    @property
    def has_output(self) -> bool:
        return bool(self.outputs) or isinstance(self.execution_count, int)

    def regions(self, name: str) -> list[Region]:
        """The regions of a code cell. Raises CourseError: a marker is wrong."""
        return find_regions(self.text, f"{name}[{self.id}]") if self.cell_type == "code" else []


class CourseNotebook(msgspec.Struct):
    """One of the course's own notebooks."""

    nbformat: int
    nbformat_minor: int
    cells: list[CourseCell]
    metadata: Raw = Raw(b"{}")


def path(course: Course, number: int) -> Path:
    """Where the solution of a week's notebook is, if the week has one."""
    return course.solutions / f"week_{number}" / NAME


def read(file: Path, course: Course) -> CourseNotebook:
    """One of the course's own notebooks.

    Raises:
        CourseError: it isn't one of format 4, with an id and valid metadata for each cell.
    """
    name = file.relative_to(course.root).as_posix()
    try:
        notebook = _decode(file.read_bytes(), CourseNotebook)
    except NotANotebook as reason:
        raise CourseError(f"{name}: not a notebook: {reason}.") from None
    if notebook.nbformat != FORMAT:
        raise CourseError(f"{name}: of format {notebook.nbformat}. Save it as format {FORMAT}.")
    problems = [_problem(cell, name) for cell in notebook.cells]
    if any(problems):
        raise CourseError(*filter(None, problems))
    return notebook


def _problem(cell: CourseCell, name: str) -> str:
    """What is wrong with nbgrader's metadata of a cell, or an empty string."""
    try:
        msgspec.json.decode(cell.metadata, type=_Metadata)
    except msgspec.ValidationError as error:
        return f"{name}[{cell.id}]: its metadata: {error}."
    return ""


def parse(data: bytes) -> AnyNotebook:
    """Any file as a notebook; what it lacks is None.

    Raises:
        NotANotebook: not even that can be done.
    """
    return _decode(data, AnyNotebook)


def encode(notebook: CourseNotebook) -> bytes:
    """A notebook as Jupyter writes it."""
    data = msgspec.json.encode(notebook, order="sorted")
    return msgspec.json.format(data, indent=1) + b"\n"


def _decode(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data.removeprefix(BYTE_ORDER_MARK), type=kind)
    except msgspec.ValidationError as error:
        raise NotANotebook(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotANotebook(f"not JSON ({error})") from None
