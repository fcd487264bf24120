"""Notebooks for the tests: the course's own with changes, and small ones made by hand."""

from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.checking.notebook import grade_notebook
from autograder.options import Options
from autograder.results import CheckResult, Record
from autograder.sandbox.launch import Limits
from course.config import load_course

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
# A busy machine must change nothing but where a test is about time.
GENEROUS = Limits(120.0, training_seconds=600.0, cell_seconds=600.0, notebook_seconds=1800.0)
PLAIN = Options(sandboxed=False, secret="a secret for tests", limits=GENEROUS)
SANDBOXED = replace(PLAIN, sandboxed=True)


def source(week: int, folder: str = "solutions") -> dict[str, Any]:
    """A week's notebook as JSON."""
    notebook: dict[str, Any] = json.loads(
        (ROOT / folder / f"week_{week}" / "exercise.ipynb").read_bytes()
    )
    return notebook


def undrawn() -> dict[str, Any]:
    """The notebook of week 1 without its figure: matplotlib takes longer than all the rest."""
    notebook = source(1)
    drawing = ("plot-errors", "draw")
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in drawing]
    setup = cell_of(notebook, "setup")
    text = "".join(setup["source"])
    assert text.count("import matplotlib.pyplot as plt\n") == 1
    setup["source"] = text.replace("import matplotlib.pyplot as plt\n", "")
    return notebook


def cell_of(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """The cell with this grade id."""
    found: dict[str, Any] = next(
        c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name
    )
    return found


def code(text: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": text, "outputs": []}


def small(*cells: str) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [code(c) for c in cells]}


def hand_in(folder: Path, notebook: dict[str, Any] | bytes | None, week: int = 1) -> Path:
    """A submission with the week's solutions and this notebook."""
    submission = folder / "submission"
    shutil.copytree(ROOT / "solutions" / f"week_{week}", submission)
    (submission / "exercise.ipynb").unlink()
    if notebook is not None:
        data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        (submission / "exercise.ipynb").write_bytes(data)
    return submission


def graded(submission: Path, options: Options = SANDBOXED, week: int = 1) -> Record:
    """A record of nothing but the notebook's checks."""
    record = Record(week, "", "", [])
    grade_notebook(COURSE, COURSE.week(week), submission, options, record)
    return record


def verdicts(record: Record) -> dict[str, str]:
    return {name_of(check): str(check.verdict) for check in record.checks}


def name_of(check: CheckResult) -> str:
    return check.id.partition("::")[2]


def changed(notebook: dict[str, Any], name: str, text: str) -> dict[str, Any]:
    """A copy in which one cell has another source."""
    notebook = copy.deepcopy(notebook)
    cell_of(notebook, name)["source"] = text
    return notebook
