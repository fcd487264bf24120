"""mutants.toml: what is read from it, and every way in which it can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from course import equivalents
from course.config import Course, Week
from course.equivalents import Equivalent
from course.errors import CourseError

GOOD = """\
# What no check can see.
[[equivalent]]
id = "linear.Linear.forward:copy-1"
after = "self.x = x"
reason = "Nobody changes x between the two."

[[ equivalent ]]
id = "linear.Linear.backward:constant-2"
after = "return x.sum(axis=-2)"
reason = "x has two axes."
"""
FILE = "solutions/week_1/mutants.toml"
WEEK = Week(1, "Basis", (), "", {"linear": ("Linear",)})


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "solutions" / "week_1").mkdir(parents=True)
    return Course(tmp_path, "A course", {1: WEEK})


def problems(course: Course, text: str) -> list[str]:
    equivalents.path(course, 1).write_text(text, encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        equivalents.load(course, WEEK)
    return list(caught.value.problems)


def test_equivalent_mutants_are_read_with_the_lines_that_they_begin_in(course: Course) -> None:
    equivalents.path(course, 1).write_text(GOOD, encoding="utf-8")
    first, second = equivalents.load(course, WEEK)
    assert first == Equivalent(
        id="linear.Linear.forward:copy-1",
        after="self.x = x",
        reason="Nobody changes x between the two.",
        place=f"{FILE}:2",
    )
    assert (f"{FILE}:7", "x has two axes.") == (second.place, second.reason)


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n"])
def test_a_week_may_have_none(course: Course, text: str | None) -> None:
    if text is not None:
        equivalents.path(course, 1).write_text(text, encoding="utf-8")
    assert () == equivalents.load(course, WEEK)


def test_every_fault_is_told_with_file_and_line(course: Course) -> None:
    text = GOOD.replace('reason = "Nobody', 'raeson = "Nobody').replace('"x has two axes."', '""')
    assert [
        f'{FILE}:2: "reason" is missing.',
        f'{FILE}:2: unknown key "raeson". Did you mean "reason"?',
        f'{FILE}:7: "reason" is empty.',
    ] == problems(course, text)


def test_two_marks_of_one_mutant_are_refused(course: Course) -> None:
    twice = '"linear.Linear.forward:copy-1" is there twice. Take one out.'
    text = GOOD.replace("backward:constant-2", "forward:copy-1")
    assert [f"{FILE}:2: {twice}", f"{FILE}:7: {twice}"] == problems(course, text)


def test_what_is_no_list_of_tables_is_refused(course: Course) -> None:
    (problem,) = problems(course, "equivalent = 3\n")
    assert problem.startswith(f'{FILE}: "equivalent": Expected `array`')
    (problem,) = problems(course, GOOD.replace("[[equivalent]]", "[[equivalents]]"))
    assert f'{FILE}: unknown key "equivalents". Did you mean "equivalent"?' == problem


def test_what_is_no_toml_is_told_with_its_line(course: Course) -> None:
    (problem,) = problems(course, "[[equivalent]]\nid = linear\n")
    assert problem.startswith(f"{FILE}: not valid TOML: ")
    assert "line 2" in problem
