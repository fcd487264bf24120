"""A submitted notebook as a person grades it: the course's cells, with the student's answers.

The frame is the released notebook, so a cell that a student moved, deleted or edited stands
where it belongs. nbgrader's formgrader shows Markdown as it is, HTML and all, in the browser of
whoever grades: a student's Markdown is made plain before it gets there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from autograder.submission.notebook_file import Cell

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


def fill_in(released: bytes, submitted: list[Cell]) -> Answered:
    """The released notebook with the student's cells in the places of those to fill in.

    Of two cells with the same id the last one counts, as in nbgrader. What the student added is
    shown at the end.
    """
    notebook = json.loads(released)
    own = {cell.grade_id: cell for cell in submitted if cell.grade_id}
    known = {text_of(cell) for cell in notebook["cells"]}
    used, answered = set[str](), set[str]()
    for cell in notebook["cells"]:
        settings = cell["metadata"].get("nbgrader", {})
        name = settings.get("grade_id", "")
        if settings:
            used.add(name)
        student = own.get(name)
        if settings.get("solution") and student and student.text.strip() != text_of(cell).strip():
            answered.add(name)
            cell["source"] = shown(cell["cell_type"], student.text)
    extra = [c for c in submitted if c.grade_id not in used and c.text.strip()]
    extra = [cell for cell in extra if cell.text not in known]
    if extra:
        notebook["cells"] += [plain_cell("markdown", "## Cells that the student added")]
        notebook["cells"] += [plain_cell(cell.cell_type, cell.text) for cell in extra]
    for number, cell in enumerate(notebook["cells"]):
        cell.setdefault("id", f"added-{number}")
    return Answered(json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n", answered)


def text_of(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def plain_cell(kind: str, text: str) -> dict[str, Any]:
    """A cell without metadata; anything that isn't code is shown as text."""
    kind = "code" if kind == "code" else "markdown"
    cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": shown(kind, text)}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


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
