"""mistakes.toml: what is read from it, and every way in which it can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from course import catalogue
from course.config import Course, Week
from course.errors import CourseError

GOOD = """\
[[mistake]]
id = "bias-subtracted"
where = "linear.py: Linear.forward"
replace = "y += bias"
with = "y -= bias"
hint = "The bias is added."
checks = ["test_linear_forward"]

[[mistake]]
id = "bias-forgotten"
where = "linear.py: Linear.forward"
replace = "y += bias"
with = ""
hint = "There is a bias."
checks = ["test_linear_forward", "test_linear_float32"]
"""
FILE = "solutions/week_1/mistakes.toml"
WEEK = Week(1, "Basis", (), "", {"linear": ("Linear",)})


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "solutions" / "week_1").mkdir(parents=True)
    return Course(tmp_path, "A course", {1: WEEK})


def problems(course: Course, text: str) -> list[str]:
    catalogue.path(course, 1).write_text(text, encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        catalogue.load(course, WEEK)
    return list(caught.value.problems)


def test_mistakes_are_read_in_their_order(course: Course) -> None:
    catalogue.path(course, 1).write_text(GOOD)

    first, second = catalogue.load(course, WEEK)

    assert ("linear", "Linear.forward") == (first.module, first.function)
    assert ("bias-subtracted", "y += bias", "y -= bias") == (first.id, first.replace, first.with_)
    assert ("test_linear_forward", "test_linear_float32") == second.checks
    assert "" == second.with_  # what is replaced may go without anything in its place


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n"])
def test_a_week_may_have_no_mistakes(course: Course, text: str | None) -> None:
    if text is not None:
        catalogue.path(course, 1).write_text(text)

    assert () == catalogue.load(course, WEEK)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("hint = ", "hunt = "), '"hint" is missing.'),
        (("hint = ", "hunt = "), 'unknown key "hunt". Did you mean "hint"?'),
        (("with = ", "# with = "), '"with" is missing.'),
        (('replace = "y += bias"', 'replace = ""'), '"replace" is empty.'),
        (('hint = "', 'hint = 3 # "'), '"hint": Expected `str`, got `int`.'),
        (('["test_linear_forward"]', '"test_linear_forward"'), '"checks": Expected `array`'),
        (("linear.py:", "liner.py:"), "liner.py is not a module of the week. Did you mean "),
    ],
)
def test_a_wrong_entry_is_named_with_file_and_id(
    course: Course, change: tuple[str, str], problem: str
) -> None:
    found = problems(course, GOOD.replace(*change, 1))

    assert all(one.startswith(f'{FILE}: mistake "bias-subtracted": ') for one in found)
    assert any(problem in one for one in found)


def test_an_entry_without_an_id_is_named_with_its_number(course: Course) -> None:
    text = GOOD.replace('id = "bias-forgotten"\n', "")

    assert [f'{FILE}: mistake 2: "id" is missing.'] == problems(course, text)


def test_an_id_is_used_once(course: Course) -> None:
    text = GOOD.replace("bias-forgotten", "bias-subtracted")

    assert [
        f'{FILE}: mistake "bias-subtracted": its id is used twice. Choose another.'
    ] == problems(course, text)


def test_all_problems_are_reported_at_once(course: Course) -> None:
    text = f"{GOOD.replace('hint', 'hunt')}\n[mistakes]\n"

    assert [
        f'{FILE}: unknown key "mistakes". Did you mean "mistake"?',
        f'{FILE}: mistake "bias-subtracted": "hint" is missing.',
        f'{FILE}: mistake "bias-subtracted": unknown key "hunt". Did you mean "hint"?',
        f'{FILE}: mistake "bias-forgotten": "hint" is missing.',
        f'{FILE}: mistake "bias-forgotten": unknown key "hunt". Did you mean "hint"?',
    ] == problems(course, text)


@pytest.mark.parametrize("text", ["mistake = 3", "[mistake]\nid = 'a'", "mistake = [1]"])
def test_mistakes_are_a_list_of_tables(course: Course, text: str) -> None:
    (problem,) = problems(course, text)

    assert problem.startswith(f'{FILE}: "mistake": Expected ')


def test_what_is_no_toml_is_named_with_its_line(course: Course) -> None:
    (problem,) = problems(course, f"{GOOD}[[mistake]\n")

    assert problem.startswith(f"{FILE}: not valid TOML: ")
    assert f"at line {GOOD.count(chr(10)) + 1}," in problem


def test_what_is_not_utf_8_is_named_with_its_byte(course: Course) -> None:
    catalogue.path(course, 1).write_bytes(b"# \xff\n")

    with pytest.raises(CourseError, match=rf"{FILE}: not UTF-8 at byte 2\. Save it as UTF-8\."):
        catalogue.load(course, WEEK)
