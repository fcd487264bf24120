"""Proving a week: what is wrong with a solution, its points or its mistakes is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from grader_pool import in_this_process

from autograder.author.calibrate import write
from autograder.author.verify import Finding, verify
from autograder.author.verify_mistakes import unlearnt_by
from autograder.author.verify_notebook import verify_notebook
from autograder.checking.names import is_named_for
from autograder.mistakes import spreading
from course import catalogue
from course.accuracy import Accuracy
from course.config import Course, load_course
from course.errors import CourseError

# Each of these but the first has something wrong with it.
CATALOGUE = """
[[mistake]]
id = "linear-caught"
where = "linear.py: Linear.forward"
replace = "y += self.bias.data"
with = "y -= self.bias.data"
hint = "The bias is added."
checks = ["test_linear_forward"]

[[mistake]]
id = "linear-not-caught"
where = "linear.py: Linear.forward"
replace = "self.x = x"
with = "self.x = x + 0"
hint = "Nothing is wrong with this."
checks = ["test_linear_forward"]

[[mistake]]
id = "linear-twin"
where = "linear.py: Linear.forward"
replace = "y += self.bias.data"
with = "y = y - self.bias.data"
hint = "The same as the first."
checks = ["test_linear_forward"]

[[mistake]]
id = "linear-unknown-check"
where = "linear.py: Linear.backward"
replace = "return (grad @"
with = "return -(grad @"
hint = "The sign is flipped."
checks = ["test_linear_backward", "test_linear_sign"]
"""


@pytest.fixture
def own(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of the course, to be changed; what takes processes is done in this one."""
    monkeypatch.setattr(spreading, "pool", in_this_process)
    shutil.copytree(course.root, tmp_path / "course")
    return load_course(tmp_path / "course")


def findings(course: Course, module: str = "") -> dict[str, Finding]:
    """What is found about week 1, by the first words."""
    found = verify(course, course.week(1), module)
    return {" ".join(finding.what.split()[:2]): finding for finding in found}


def problems(course: Course, what: str) -> str:
    return "\n".join(findings(course)[what].problems)


def test_each_planted_fault_of_a_catalogue_is_found(own: Course) -> None:
    (own.solutions / "week_1" / "mistakes.toml").write_text(CATALOGUE)
    found = findings(own)
    assert (
        "linear-not-caught: test_linear_forward passes, it should not",
        "linear-twin: test_linear_forward (failed) is explained by linear-caught",
        "linear-unknown-check: names test_linear_sign, which is no check of linear",
    ) == found["each of"].problems
    assert ("Linear has 4 mistakes",) == found["at least"].problems


def test_of_mistakes_that_training_shows_a_few_are_trained(own: Course) -> None:
    (own.solutions / "week_1" / "mistakes.toml").write_text(CATALOGUE)
    week = own.week(1)
    mistakes = catalogue.load(own, week)
    entry = Accuracy(0.9, 0.95, 0.01, 0.05, 40, caught=tuple(m.id for m in mistakes[:3]))
    write(own, week, {"test_net": entry})
    trained = {
        number: [m.id for m in mistakes if unlearnt_by(own, week, m, number) == ("test_net",)]
        for number in (0, 1, 2, 4)
    }
    first, second, third = entry.caught
    assert {0: [], 1: [first], 2: [first, third], 4: [first, second, third]} == trained


def test_mistakes_that_cannot_be_made_are_found_before_all_others(own: Course) -> None:
    impossible = CATALOGUE.replace("self.x = x", "no such text")
    (own.solutions / "week_1" / "mistakes.toml").write_text(impossible)
    found = problems(own, "each of")
    assert "linear-not-caught: the text to replace occurs 0 times" in found
    assert "explained" not in found


def test_faults_of_a_week_are_found(own: Course) -> None:
    found = findings(own)
    assert () == found["the solution"].problems
    assert () == found["every class"].problems
    assert () == found["of 100"].problems
    assert ("Linear has 0 mistakes",) == found["at least"].problems
    assert ("assignments/week_1 is missing: run `release build 1`",) == found[
        "the skeleton"
    ].problems


def test_module_is_proven_without_the_others(own: Course) -> None:
    path = own.root / "course.toml"
    path.write_text(path.read_text().replace('["Linear"]', '["Linear"], other = ["Other"]'))
    (own.solutions / "week_1" / "other.py").write_text("class Other: pass\n")
    (own.solutions / "week_1" / "mistakes.toml").write_text(CATALOGUE)
    found = findings(load_course(own.root), "linear")
    assert {
        *("the solution", "every class", "what a", "the skeleton", "no check", "probes"),
        *("at least", "each of"),
    } == set(found)
    assert () == found["every class"].problems
    assert ("Linear has 4 mistakes",) == found["at least"].problems
    assert 3 == len(found["each of"].problems)


def test_unknown_module_is_named_with_the_nearest(own: Course) -> None:
    with pytest.raises(CourseError, match=r'no module "liner".* Did you mean "linear"\?'):
        findings(own, "liner")


def test_wrong_solution_is_found(own: Course) -> None:
    path = own.solutions / "week_1" / "linear.py"
    path.write_text(path.read_text().replace("y += self.bias.data", "y -= self.bias.data"))
    assert "test_linear.py::test_linear_forward: failed: output: " in problems(own, "the solution")


def test_class_without_a_check_is_found(own: Course) -> None:
    path = own.root / "course.toml"
    path.write_text(path.read_text().replace('["Linear"]', '["Linear", "BCELoss"]'))
    own = load_course(own.root)
    assert problems(own, "every class").startswith("BCELoss: no check is named for it")


def test_weights_that_leave_a_check_without_points_or_hidden_ones_with_few_are_found(
    own: Course,
) -> None:
    path = own.checks(1) / "test_linear.py"
    text = path.read_text()
    assert text.count("forward((5, 3), weight=2)") == 1
    path.write_text(text.replace("forward((5, 3), weight=2)", "forward((5, 3), weight=999_999)"))
    found = findings(own)["of 100"].problems
    assert "test_linear.py::test_linear_float32 has no points" in found
    assert "only 0 points are on hidden checks" in found


def test_skeleton_that_gives_points_away_is_found(own: Course) -> None:
    shutil.copytree(own.solutions, own.root / "assignments")
    found = problems(own, "the skeleton")
    assert found.startswith("it scores 100\ntest_linear.py::test_linear_forward is passed: ")
    assert found.endswith("it lists no TODO")


def test_notebook_that_something_speaks_of_must_be_there(own: Course) -> None:
    [finding] = verify_notebook(own, own.week(1))
    assert finding.problems[0].startswith("solutions/week_1/exercise.ipynb is missing: write it")
    path = own.root / "course.toml"
    path.write_text(path.read_text().replace('exercise = "compare"\n', ""))
    own = load_course(own.root)
    assert [Finding("an exercise notebook", absent=True)] == list(verify_notebook(own, own.week(1)))
    (own.checks(1) / "test_exercise.py").write_text("")
    [finding] = verify_notebook(own, own.week(1))
    assert finding.problems


def test_notebook_that_is_graded_by_hand_alone_has_as_many_cells_as_the_course_wants(
    own: Course,
) -> None:
    by_hand = {"grade": True, "solution": True, "grade_id": "question", "points": 5}
    cell = {
        "cell_type": "markdown",
        "id": "why",
        "metadata": {"nbgrader": by_hand},
        "source": "Why?",
    }
    (own.solutions / "week_1" / "exercise.ipynb").write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": [cell]})
    )
    assert [] == [f for f in verify_notebook(own, own.week(1)) if f.problems]
    path = own.root / "course.toml"
    standards = "[standards]\ngraded_by_hand = [2, 3]"
    path.write_text(path.read_text().replace("[standards]", standards))
    own = load_course(own.root)
    assert [("1 are, not 2 to 3",)] == [
        f.problems for f in verify_notebook(own, own.week(1)) if f.problems
    ]


def test_broken_catalogue_is_found(own: Course) -> None:
    (own.solutions / "week_1" / "mistakes.toml").write_text("[[mistake]]\nid = 3\n")
    assert "Expected `str`, got `int`" in problems(own, "the catalogue")


@pytest.mark.parametrize(
    ("check", "name", "expected"),
    [
        ("test_relu_forward", "ReLU", True),
        ("test_bce_loss_backward", "BCELoss", True),
        ("test_max_pool2d_forward", "MaxPool2d", True),
        ("test_batch_norm1d_forward", "BatchNorm1d", True),
        ("test_k_means_fit", "KMeans", True),
        ("test_pca", "PCA", True),
        ("test_nearest_center_ties", "nearest_center", True),
        ("test_relu6_forward", "ReLU", False),
        ("test_loss_of_bce", "BCELoss", False),
        ("test_linear_forward", "Lin", False),
    ],
)
def test_checks_are_named_for_what_they_check(check: str, name: str, expected: bool) -> None:
    assert expected == is_named_for(check, name)
