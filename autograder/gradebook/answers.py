"""A submitted notebook as a person grades it: the course's cells, with the student's answers.

The frame is the released notebook, so a cell that a student moved, deleted or edited stands
where it belongs. nbgrader's formgrader shows Markdown as it is, HTML and all, in the browser of
whoever grades: a student's Markdown is made plain before it gets there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from msgspec.structs import replace

from course import notebooks
from course.notebooks import Cell, CourseCell, CourseNotebook

HEADING = "## Cells that the student added"
TAG = re.compile(r"<(?=[A-Za-z/!?])")
LINK = re.compile(r"\]\s*\(")
DEFINITION = re.compile(r"^([ >]*\[[^\]\n]*\])\s*:", re.MULTILINE)
DRAWING = re.compile(r"([`~]{3,})\s*mermaid", re.IGNORECASE)
TEX = re.compile(
    r"\\(href|url|style|class|cssId|data|html\w*|require|unicode|includegraphics|input|mmlToken"
    r"|def|let|newcommand|renewcommand|newenvironment)\b"
)


@dataclass
class Answered:
    """A notebook for manual grading: its JSON, and which cells were filled in."""

    content: bytes
    answered: set[str] = field(default_factory=set)  # grade ids


def fill_in(released: CourseNotebook, submitted: list[Cell]) -> Answered:
    """The released notebook with the student's cells in the places of those to fill in.

    Of two cells with the same id the last one counts, as in nbgrader. What the student added is
    shown at the end.
    """
    own = {cell.grade_id: cell for cell in submitted if cell.grade_id}
    answered = {
        cell.grade_id: own[cell.grade_id].text
        for cell in released.cells
        if cell.settings.solution and cell.grade_id in own
        if own[cell.grade_id].text.strip() != cell.text.strip()
    }
    cells = [
        replace(cell, source=shown(cell.cell_type, answered[cell.grade_id]))
        if cell.grade_id in answered
        else cell
        for cell in released.cells
    ]
    cells += added(released.cells, submitted)
    return Answered(notebooks.encode(replace(released, cells=cells)), set(answered))


def added(released: list[CourseCell], submitted: list[Cell]) -> list[CourseCell]:
    """The cells that the course doesn't know, below a heading; none if there are none."""
    names = {cell.grade_id for cell in released if cell.grade_id}
    texts = {cell.text for cell in released}
    new = [cell for cell in submitted if cell.grade_id not in names and cell.text.strip()]
    new = [cell for cell in new if cell.text not in texts]
    if not new:
        return []
    shown_as = [("markdown", HEADING), *((cell.cell_type, cell.text) for cell in new)]
    return [
        plain_cell(f"added-{number}", kind, text)
        for number, (kind, text) in enumerate(shown_as, start=len(released))
    ]


def plain_cell(name: str, kind: str, text: str) -> CourseCell:
    """A cell without metadata; anything that isn't code is shown as text."""
    if kind == "code":
        return CourseCell("code", text, id=name, outputs=[], execution_count=None)
    return CourseCell("markdown", shown("markdown", text), id=name)


def shown(kind: str, text: str) -> str:
    """A cell's text for a browser: code is escaped there, Markdown is made harmless here."""
    return text if kind == "code" else harmless(text)


def harmless(text: str) -> str:
    """Markdown without HTML, links, pictures, drawings, and TeX that reaches out of its formula.

    Everything stays readable: `<b>` becomes `< b>`, `[a](b)` becomes `[a] (b)`.
    """
    text = LINK.sub("] (", TAG.sub("< ", text))
    text = DRAWING.sub(r"\1text", DEFINITION.sub(r"\1 :", text))
    return TEX.sub(r"\\text{\1}", text)
