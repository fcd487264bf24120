"""Every week's notebook: it runs in the sandbox, and its released version holds no solution."""

from __future__ import annotations

import ast
import json
from functools import cache

import pytest
from notebooks.notebook_samples import COURSE, PLAIN, ROOT, cell_of, graded, source

from autograder.author.verify_notebook import belongs
from autograder.results import Record, Verdict
from autograder.sandbox.launch import unavailable
from course.notebooks import path, read
from release.leaks import find
from release.notebooks import problems_of
from release.secrets import Secrets, collect

pytestmark = pytest.mark.proof

# Each week's notebook runs once, in one process.
WEEKS = [pytest.param(n, marks=pytest.mark.xdist_group(f"notebook {n}")) for n in COURSE.written]
POINTS = COURSE.standards.notebook_points


@cache
def solved(week: int) -> Record:
    """The notebook of the solutions, graded once for all tests."""
    return graded(ROOT / "solutions" / f"week_{week}", week=week)


def test_the_sandbox_is_there() -> None:
    assert unavailable() == ""


@pytest.mark.parametrize("week", WEEKS)
def test_the_solution_runs_to_its_end_and_has_full_marks(week: int) -> None:
    record = solved(week)

    assert [] == [(c.id, c.message) for c in record.checks if c.verdict is not Verdict.PASSED]
    assert [] == record.notes
    assert sum(check.max_points for check in record.checks) == POINTS


@pytest.mark.parametrize("week", WEEKS)
def test_its_figures_are_in_the_report_of_a_public_check(week: int) -> None:
    shown = [check for check in solved(week).checks if check.pictures]

    assert len(shown) == 1
    assert not shown[0].hidden
    assert all(picture.png.startswith(b"\x89PNG") for picture in shown[0].pictures)


@pytest.mark.parametrize("week", WEEKS)
def test_each_check_belongs_to_an_autograded_cell_with_its_points(week: int) -> None:
    assert [] == list(belongs(solved(week), read(path(COURSE, week), COURSE).cells))


@pytest.mark.parametrize("week", WEEKS)
def test_the_source_can_be_released(week: int) -> None:
    assert [] == problems_of(COURSE, week)


@pytest.mark.parametrize("week", WEEKS)
def test_the_released_notebook_scores_nothing_and_nothing_is_attempted(week: int) -> None:
    record = graded(ROOT / "assignments" / f"week_{week}", PLAIN, week)

    assert {Verdict.NOT_ATTEMPTED} == {check.verdict for check in record.checks}


@pytest.mark.parametrize("week", WEEKS)
def test_the_released_notebook_is_the_solution_without_its_answers(week: int) -> None:
    solution, released = source(week), source(week, "assignments")

    assert [c["id"] for c in solution["cells"]] == [c["id"] for c in released["cells"]]
    for cell in released["cells"]:
        settings, text = cell["metadata"].get("nbgrader", {}), "".join(cell["source"])
        assert "BEGIN SOLUTION" not in text
        assert "HIDDEN TESTS" not in text
        assert cell.get("outputs", []) == []
        if cell["cell_type"] == "code":
            ast.parse(text)
        if settings:
            assert len(settings["checksum"]) == 32
            assert cell["metadata"]["deletable"] is False
        if settings.get("locked"):
            assert cell["metadata"]["editable"] is False
        if settings.get("solution"):
            where = f'raise NotImplementedError("week_{week}/exercise.ipynb: '
            stub = where if cell["cell_type"] == "code" else "*Write your answer here.*"
            assert stub in text
            assert text != "".join(cell_of(solution, settings["grade_id"])["source"])


@cache
def secrets() -> Secrets:
    return collect(COURSE)


@pytest.mark.parametrize("week", WEEKS)
def test_a_hand_edited_line_of_the_solution_would_be_found_in_the_release(week: int) -> None:
    cell = next(c for c in source(week)["cells"] if "### BEGIN SOLUTION" in "".join(c["source"]))
    lines = "".join(cell["source"]).split("\n")
    inside = lines[next(i for i, x in enumerate(lines) if "BEGIN SOLUTION" in x) + 1 :]
    long = max(inside, key=len)
    released = json.dumps({"cells": [{"cell_type": "code", "source": ["x = 1\n", long]}]})
    answer = next(c for c in source(week)["cells"] if c["id"].startswith("question-")
                  and c["metadata"])  # fmt: skip
    prose = "".join(answer["source"]).split("\n")[1]

    name = f"assignments/week_{week}/exercise.ipynb"
    assert find(name, released.encode(), secrets())
    assert find(name, prose.encode(), secrets())
    assert not find(name, (ROOT / name).read_bytes(), secrets())
