"""Reads a submitted exercise notebook as data: its cells' sources, and nothing that was run.

Nothing of Jupyter is used: a notebook is a JSON file that somebody else wrote. Its outputs are
skipped while it is read, its metadata counts only where the gradebook looks for written answers.
"""

from __future__ import annotations

import hashlib

import msgspec

from autograder.submission.intake import Files, Refused

NAME = "exercise.ipynb"
EXERCISE = "exercise"  # the module of its checks, test_exercise.py
MAX_BYTES = 128 << 20  # with its outputs
MAX_SOURCE = 1 << 20  # characters of all cells
MAX_CELLS = 500
FORMAT = 4
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Cell(msgspec.Struct):
    """A cell as it stands in the file; `outputs` and all else is skipped."""

    cell_type: str
    source: str | list[str] = ""
    metadata: msgspec.Raw = msgspec.Raw(b"{}")

    @property
    def text(self) -> str:
        return self.source if isinstance(self.source, str) else "".join(self.source)

    @property
    def grade_id(self) -> str:
        """nbgrader's name of the cell, or an empty string: any metadata may be missing."""
        try:
            return msgspec.json.decode(self.metadata, type=Metadata).nbgrader.grade_id
        except (msgspec.DecodeError, RecursionError):
            return ""


class Nbgrader(msgspec.Struct):
    grade_id: str = ""


class Metadata(msgspec.Struct):
    nbgrader: Nbgrader = msgspec.field(default_factory=Nbgrader)


class File(msgspec.Struct):
    nbformat: int | float | None = None
    cells: list[Cell] | None = None


def load(files: Files) -> tuple[list[Cell], str]:
    """The cells of the notebook that was handed in, and a digest of them.

    Raises:
        Missing: there is none.
        Refused: it can't be taken in; the message says why.
    """
    cells = parse(files.read(NAME, MAX_BYTES))
    return cells, digest_of(cells)


def digest(files: Files) -> str:
    """A digest that changes when the verdict of the notebook may change."""
    try:
        return load(files)[1]
    except Refused as reason:
        return hashlib.sha256(str(reason).encode()).hexdigest()


def digest_of(cells: list[Cell]) -> str:
    parts = [f"{cell.cell_type}\0{cell.grade_id}\0{cell.text}" for cell in cells]
    return hashlib.sha256("\0\0".join(parts).encode("utf-8", "replace")).hexdigest()


def parse(data: bytes) -> list[Cell]:
    """The cells of a notebook file.

    Raises:
        Refused: it isn't one, or one of an old format; the message says what to do.
    """
    try:
        file = msgspec.json.decode(data.removeprefix(BYTE_ORDER_MARK), type=File)
    except msgspec.ValidationError as error:
        raise Refused(f"is not a notebook: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"is not a notebook: not JSON ({error})") from None
    if file.nbformat is None:
        raise Refused("is not a notebook: it doesn't say its format")
    if file.nbformat != FORMAT:
        raise Refused(
            f"is of notebook format {file.nbformat}, the grader reads {FORMAT}: open it in "
            "JupyterLab, save it, hand it in again"
        )
    if file.cells is None:
        raise Refused("is not a notebook: it has no cells")
    if len(file.cells) > MAX_CELLS:
        raise Refused(f"has more than {MAX_CELLS} cells")
    if sum(len(cell.text) for cell in file.cells) > MAX_SOURCE:
        raise Refused(f"has more than {MAX_SOURCE >> 20} million characters in its cells")
    return file.cells
