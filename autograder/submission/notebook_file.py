"""Reads a submitted exercise notebook as data: its cells' sources, and nothing that was run.

A notebook is a file that somebody else wrote: it is taken in with limits, its outputs are
skipped while it is read, and its metadata counts only where the gradebook looks for written
answers.
"""

from __future__ import annotations

import hashlib

from autograder.loading import merge_marker
from autograder.submission.intake import Files, Refused
from course import notebooks
from course.notebooks import Cell, NotANotebook

MAX_BYTES = 128 << 20  # with its outputs
MAX_SOURCE = 1 << 20  # characters of all cells
MAX_CELLS = 500


def load(files: Files) -> list[Cell]:
    """The cells of the notebook that was handed in.

    Raises:
        Missing: there is none.
        Refused: it can't be taken in; the message says why.
    """
    return parse(files.read(notebooks.NAME, MAX_BYTES))


def digest(files: Files) -> str:
    """A digest that changes when the verdict of the notebook may change."""
    try:
        return digest_of(load(files))
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
        notebook = notebooks.parse(data)
    except NotANotebook as reason:
        if line := merge_marker(data.decode("utf-8", "replace")):
            raise Refused(
                f"has a place that git could not merge, in line {line}: keep one version of the "
                "whole file with `git checkout --ours` or `--theirs` and its name, then commit"
            ) from None
        raise Refused(f"is not a notebook: {reason}") from None
    if notebook.nbformat is None:
        raise Refused("is not a notebook: it doesn't say its format")
    if notebook.nbformat != notebooks.FORMAT:
        raise Refused(
            f"is of notebook format {notebook.nbformat}, the grader reads {notebooks.FORMAT}: "
            "open it in JupyterLab, save it, hand it in again"
        )
    if notebook.cells is None:
        raise Refused("is not a notebook: it has no cells")
    if len(notebook.cells) > MAX_CELLS:
        raise Refused(f"has more than {MAX_CELLS} cells")
    if sum(len(cell.text) for cell in notebook.cells) > MAX_SOURCE:
        raise Refused(f"has more than {MAX_SOURCE >> 20} million characters in its cells")
    return notebook.cells
