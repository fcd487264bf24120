"""Proving a week: what is wrong with a solution, its points or its mistakes is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from grader_pool import in_this_process

from autograder.author.verify import Finding, snake, verify
from autograder.mistakes import effects
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
    monkeypatch.setattr(effects, "pool", in_this_process)
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
    assert ("the points add up to 18",) == found["points add"].problems
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
    assert {"the solution", "every class", "the skeleton", "at least", "each of"} == set(found)
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
    assert "BCELoss: no check is named test_bce_loss_..." == problems(own, "every class")


def test_skeleton_that_gives_points_away_is_found(own: Course) -> None:
    shutil.copytree(own.solutions, own.root / "assignments")
    found = problems(own, "the skeleton")
    assert found.startswith("it scores 18\ntest_linear.py::test_linear_forward is passed: ")
    assert found.endswith("it lists no TODO")


def test_broken_catalogue_is_found(own: Course) -> None:
    (own.solutions / "week_1" / "mistakes.toml").write_text("[[mistake]]\nid = 3\n")
    assert "Expected `str`, got `int`" in problems(own, "the catalogue")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ReLU", "relu"),
        ("BCELoss", "bce_loss"),
        ("MaxPool2d", "max_pool2d"),
        ("CrossEntropyLoss", "cross_entropy_loss"),
        ("SGD", "sgd"),
        ("BatchNorm1d", "batch_norm1d"),
        ("RNN", "rnn"),
    ],
)
def test_class_has_its_name_in_the_names_of_checks(name: str, expected: str) -> None:
    assert expected == snake(name)
