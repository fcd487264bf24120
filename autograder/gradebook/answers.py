"""A submitted notebook as a person grades it: the course's cells, with the student's answers.

The frame is the released notebook, so a cell that a student moved, deleted or edited stands
where it belongs. nbgrader's formgrader shows Markdown as it is, HTML and all, in the browser of
whoever grades: a student's Markdown is made inert before it gets there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from autograder.gradebook import inert
from course import notebooks
from course.notebooks import Cell, CourseCell, CourseNotebook

HEADING = "## Cells that the student added"


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
        cell.grade_id: replace(cell, source=own[cell.grade_id].text)
        for cell in released.cells
        if cell.settings.solution and cell.grade_id in own
        if own[cell.grade_id].text.strip() != cell.text.strip()
    }
    new = added(released.cells, submitted)
    page = inert.Page()
    cells = [
        made_inert(answered[cell.grade_id], page) if cell.grade_id in answered else cell
        for cell in released.cells
    ]
    if new:
        cells.append(CourseCell("markdown", HEADING, id="added"))
        cells += [made_inert(cell, page) for cell in new]
    return Answered(notebooks.encode(replace(released, cells=cells)), set(answered))


def added(released: list[CourseCell], submitted: list[Cell]) -> list[CourseCell]:
    """The cells that the course doesn't know, without metadata; anything but code is text."""
    names = {cell.grade_id for cell in released if cell.grade_id}
    texts = {cell.text for cell in released}
    new = [cell for cell in submitted if cell.grade_id not in names and cell.text.strip()]
    return [
        plain_cell(f"added-{number}", cell.cell_type, cell.text)
        for number, cell in enumerate(new)
        if cell.text not in texts
    ]


def plain_cell(name: str, kind: str, text: str) -> CourseCell:
    if kind == "code":
        return CourseCell("code", text, id=name, outputs=[], execution_count=None)
    return CourseCell("markdown", text, id=name)


def made_inert(cell: CourseCell, page: inert.Page) -> CourseCell:
    """A student's cell for a browser: code is escaped there, Markdown is made inert here."""
    if cell.cell_type == "code":
        return cell
    return replace(cell, source=page.show(cell.text))
