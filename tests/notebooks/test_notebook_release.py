"""Releasing notebooks through nbgrader, in a small course of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from notebooks.notebook_samples import COURSE, ROOT, cell_of, source

from course.config import Course
from course.errors import CourseError
from release.notebooks import convert, notebook_files

pytestmark = pytest.mark.xdist_group("nbgrader")  # imported once


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Week 1 of the course with its solutions and mistakes beside the notebook."""
    shutil.copytree(ROOT / "solutions" / "week_1", tmp_path / "solutions" / "week_1")
    shutil.copyfile(ROOT / "nbgrader_config.py", tmp_path / "nbgrader_config.py")
    return Course(tmp_path, "a course", COURSE.weeks)


def write(course: Course, notebook: dict[str, Any]) -> None:
    path = course.solutions / "week_1" / "exercise.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_nothing_but_the_notebook_is_released_and_twice_the_same(course: Course) -> None:
    first, second = notebook_files(course, [1]), notebook_files(course, [1])

    assert ["week_1/exercise.ipynb"] == list(first)
    assert first == second


def test_nbgraders_own_command_would_copy_no_solution_either(course: Course) -> None:
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config.loader import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.assignment_id = "week_1"
    config.SaveCells.enabled = False
    GenerateAssignment(
        coursedir=CourseDirectory(config=config), config=config, no_database=True
    ).start()

    released = [path.name for path in (course.root / "assignments").rglob("*") if path.is_file()]
    assert ["exercise.ipynb"] == released


def test_the_released_notebook_is_valid_for_nbgrader(course: Course) -> None:
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator

    text = notebook_files(course, [1])["week_1/exercise.ipynb"].decode()
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("run", {"outputs": [{"output_type": "stream"}]}, r"\[run\]: holds output"),
        ("run", {"execution_count": 3}, r"\[run\]: holds output"),
        ("run", {"source": "def run(): pass"}, "a cell to fill in without a SOLUTION region"),
        ("run", {"source": "def f():\n    ### BEGIN SOLUTION x\n    return 1"}, "has no END"),
        ("run", {"source": "### BEGIN SOLUTION x\ny = 1\n### END SOLUTION"}, "inside a function"),
        (
            "data",
            {"source": "def f():\n    ### BEGIN SOLUTION x\n    return 1\n    ### END SOLUTION"},
            'isn\'t marked "solution"',
        ),
        (
            "data",
            {"source": "y = 1\n### BEGIN HIDDEN TESTS\nassert y\n### END HIDDEN TESTS"},
            'isn\'t marked "grade"',
        ),
    ],
)
def test_a_faulty_source_is_refused_with_its_cell(
    course: Course, name: str, change: dict[str, Any], problem: str
) -> None:
    notebook = source(1)
    cell_of(notebook, name).update(change)
    write(course, notebook)

    with pytest.raises(CourseError, match=problem):
        notebook_files(course, [1])


def test_every_fault_is_reported_at_once(course: Course) -> None:
    notebook = source(1)
    for name in ("run", "relative_error"):
        cell_of(notebook, name)["source"] = "x = 1"
    write(course, notebook)

    with pytest.raises(CourseError) as caught:
        notebook_files(course, [1])
    assert len(caught.value.problems) == 2


def test_what_nbgrader_refuses_is_a_fault_of_the_course(course: Course) -> None:
    notebook = source(1)
    cell_of(notebook, "data")["metadata"]["nbgrader"]["grade_id"] = "run"
    write(course, notebook)

    with pytest.raises(CourseError, match="nbgrader refuses the notebooks"):
        convert(course, [1])


@pytest.mark.parametrize("content", ["", "[]", '{"nbformat": 3}', '{"nbformat": 3, "cells": []}'])
def test_a_source_that_is_no_notebook_is_refused(course: Course, content: str) -> None:
    (course.solutions / "week_1" / "exercise.ipynb").write_text(content)

    with pytest.raises(CourseError, match=r"solutions/week_1/exercise\.ipynb"):
        notebook_files(course, [1])


def test_a_course_without_configuration_says_so(course: Course) -> None:
    (course.root / "nbgrader_config.py").unlink()

    with pytest.raises(CourseError, match=r"nbgrader_config\.py: missing"):
        notebook_files(course, [1])


def test_a_week_without_a_notebook_releases_none(course: Course) -> None:
    (course.solutions / "week_1" / "exercise.ipynb").unlink()

    assert {} == notebook_files(course, [1])
