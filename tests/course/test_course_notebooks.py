"""The course's own notebooks: read strictly, written back as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from course import notebooks
from course.config import Course, load_course
from course.errors import CourseError

ROOT = Path(__file__).parents[2]


def notebook(**changes: Any) -> dict[str, Any]:
    """A notebook of one cell, with these changes to the cell."""
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "x", "outputs": []}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell | changes]}


def read(root: Path, content: dict[str, Any]) -> notebooks.CourseNotebook:
    file = root / notebooks.NAME
    file.write_text(json.dumps(content), encoding="utf-8")
    return notebooks.read(file, Course(root, "A course", {}))


def test_a_cell_says_what_nbgrader_knows_of_it(tmp_path: Path) -> None:
    settings = {"grade_id": "b", "grade": True, "solution": False, "points": 5, "locked": True}
    (cell,) = read(tmp_path, notebook(metadata={"nbgrader": settings}, source=["x\n", "y"])).cells

    assert ("b", True, False, 5.0) == (
        cell.settings.grade_id,
        cell.settings.grade,
        cell.settings.solution,
        cell.settings.points,
    )
    assert "x\ny" == cell.text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"execution_count": None}, False),
        ({"execution_count": 0}, True),
        ({"outputs": [{"output_type": "stream"}]}, True),
    ],
)
def test_output_is_seen(tmp_path: Path, changes: dict[str, Any], expected: bool) -> None:
    assert expected is read(tmp_path, notebook(**changes)).cells[0].has_output


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({}, "not a notebook: Object missing required field `nbformat`"),
        (notebook() | {"nbformat": 3}, r"of format 3\. Save it as format 4\."),
        (notebook(id=7), r"not a notebook: Expected `str`, got `int` - at `\$\.cells"),
        (notebook(source=7), "not a notebook: Expected"),
        (notebook(metadata=[]), r"\[a\]: its metadata: Expected `object`, got `array`"),
        (notebook(metadata={"nbgrader": {"grade": 1}}), r"\[a\]: its metadata: Expected `bool`"),
    ],
)
def test_a_fault_is_named_with_its_place(
    tmp_path: Path, content: dict[str, Any], problem: str
) -> None:
    with pytest.raises(CourseError, match=rf"^exercise\.ipynb(: )?{problem}"):
        read(tmp_path, content)


def test_every_fault_of_the_metadata_is_reported_at_once(tmp_path: Path) -> None:
    content = notebook(metadata={"nbgrader": 7})
    content["cells"] *= 2

    with pytest.raises(CourseError) as caught:
        read(tmp_path, content)
    assert 2 == len(caught.value.problems)


@pytest.mark.parametrize("week", load_course(ROOT).written)
@pytest.mark.parametrize("folder", ["solutions", "assignments"])
def test_a_notebook_is_written_as_it_was_read(week: int, folder: str) -> None:
    course = load_course(ROOT)
    file = ROOT / folder / f"week_{week}" / notebooks.NAME

    again = notebooks.encode(notebooks.read(file, course))

    assert json.loads(file.read_bytes()) == json.loads(again)
    if folder == "assignments":  # released with sorted keys
        assert file.read_bytes() == again
