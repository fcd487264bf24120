"""course.toml: what is read from it, and every way in which it can be wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from course.config import Course, find_root, load_course
from course.engine import VERSION
from course.errors import CourseError, did_you_mean

GOOD = """
[course]
name = "A course"

[weeks.week_1]
title = "Basis"
topics = ["activations", "losses"]
exercise = "compare"
[weeks.week_1.modules]
linear = ["Linear"]
losses = ["CrossEntropyLoss", "BCELoss"]

[weeks.week_3]
title = "Optimizers"
topics = []
exercise = "watch"
[weeks.week_3.modules]
optim = ["SGD", "Adam"]
"""


def make(root: Path, text: str = GOOD, files: tuple[str, ...] = ()) -> Path:
    (root / "course.toml").write_text(text, encoding="utf-8")
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    return root


def problems(root: Path, text: str, files: tuple[str, ...] = ()) -> list[str]:
    make(root, text, files)
    with pytest.raises(CourseError) as caught:
        load_course(root)
    return list(caught.value.problems)


def test_a_week_is_read_with_all_its_fields(tmp_path: Path) -> None:
    course = load_course(make(tmp_path))
    week = course.week(1)
    assert course.name == "A course"
    assert (week.number, week.title, week.exercise) == (1, "Basis", "compare")
    assert week.topics == ("activations", "losses")
    assert week.modules == {"linear": ("Linear",), "losses": ("CrossEntropyLoss", "BCELoss")}
    assert list(course.weeks) == [1, 3]


def test_topics_and_exercise_can_be_left_out(tmp_path: Path) -> None:
    text = GOOD.replace('topics = []\nexercise = "watch"\n', "")
    week = load_course(make(tmp_path, text)).week(3)
    assert (week.topics, week.exercise) == ((), "")


def test_standards_are_what_a_course_sets(tmp_path: Path) -> None:
    plain = load_course(make(tmp_path)).standards
    assert (plain.hidden, plain.mistakes) == (0, 0)
    text = GOOD + "[standards]\nhidden = 50\nmistakes = 6\ngraded_by_hand = [2, 3]\n"
    standards = load_course(make(tmp_path, text)).standards
    assert (standards.hidden, standards.mistakes, standards.graded_by_hand) == (50, 6, (2, 3))
    wrong = problems(tmp_path, GOOD + "[standards]\nmistake = 6\nhidden = 'half'\n")
    assert wrong == [
        'course.toml: [standards]: "hidden": Expected `float`, got `str`.',
        'course.toml: [standards]: unknown key "mistake". Did you mean "mistakes"?',
    ]


def test_written_weeks_are_those_with_a_module(tmp_path: Path) -> None:
    files = ("solutions/week_1/__init__.py", "solutions/week_3/optim.py")
    course = load_course(make(tmp_path, GOOD, files))
    assert course.written == [3]
    assert course.written_week(3) == course.week(3)
    with pytest.raises(CourseError, match=r"solutions/week_1 holds no module.* are there: 3\."):
        course.written_week(1)


@pytest.mark.parametrize("wanted", [">=0.1", f"=={VERSION}", ">=0.1,<99"])
def test_engine_that_a_course_asks_for_reads_it(tmp_path: Path, wanted: str) -> None:
    text = GOOD.replace('"A course"\n', f'"A course"\nengine = "{wanted}"\n')
    assert load_course(make(tmp_path, text)).name == "A course"


def test_paths_are_named_from_the_courses_folder(tmp_path: Path) -> None:
    course = load_course(make(tmp_path))
    assert course.relative(course.checks(1)) == "assignments/week_1/checks"
    assert course.relative(Path("/elsewhere/a.py")) == "/elsewhere/a.py"


def test_a_course_cannot_be_changed(tmp_path: Path) -> None:
    course = load_course(make(tmp_path))
    with pytest.raises(AttributeError):
        course.name = "another"


def test_an_unknown_week_names_the_known_ones(tmp_path: Path) -> None:
    course = load_course(make(tmp_path))
    with pytest.raises(CourseError) as caught:
        course.week(2)
    assert str(caught.value) == "course.toml: no week 2. The weeks of this course: 1, 3."


def test_paths_of_an_instructors_tree(tmp_path: Path) -> None:
    files = ("solutions/given/module.py", "solutions/week_1/checks/test_linear.py")
    course = load_course(make(tmp_path, GOOD, files))
    assert course.has_solutions
    assert course.solutions == tmp_path / "solutions"
    assert course.assignments == tmp_path / "assignments"
    assert course.checks(1) == tmp_path / "solutions" / "week_1" / "checks"
    assert course.oracles == tmp_path / "solutions" / "oracles"
    assert course.fixtures == tmp_path / "solutions" / "fixtures.py"


def test_paths_of_a_students_tree(tmp_path: Path) -> None:
    files = ("assignments/week_1/linear.py", "assignments/week_1/losses.py")
    course = load_course(make(tmp_path, GOOD, files))
    assert not course.has_solutions
    assert course.checks(1) == tmp_path / "assignments" / "week_1" / "checks"
    assert course.fixtures == tmp_path / "assignments" / "fixtures.py"


def test_the_root_is_found_from_a_folder_below(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    make(tmp_path)
    assert find_root(below) == tmp_path.resolve()


def test_no_root_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="Run this in the course's folder"):
        find_root(tmp_path)


def test_a_module_without_a_file_is_named_with_the_closest_file(tmp_path: Path) -> None:
    text = GOOD.replace("optim =", "optimizer =")
    expected = (
        'course.toml: [weeks.week_3]: module "optimizer" has no file '
        'solutions/week_3/optimizer.py. Did you mean "optim"?'
    )
    assert problems(tmp_path, text, ("solutions/week_3/optim.py",)) == [expected]


def test_without_a_close_file_the_advice_is_to_write_it(tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD, ("solutions/week_3/dropout.py",))
    assert found == [
        'course.toml: [weeks.week_3]: module "optim" has no file solutions/week_3/optim.py.'
        " Write it, or take the module out."
    ]


def test_a_student_is_told_to_bring_a_missing_file_back(tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD, ("assignments/week_1/linear.py",))
    assert found == [
        'course.toml: [weeks.week_1]: module "losses" has no file assignments/week_1/losses.py.'
        " It was released with the week: bring it back with `git checkout`."
    ]


def test_a_week_that_is_not_written_yet_is_fine(tmp_path: Path) -> None:
    files = ("solutions/week_1/linear.py", "solutions/week_1/losses.py")
    assert 3 in load_course(make(tmp_path, GOOD, files)).weeks


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    text = """
nmae = 1
[course]
naem = "A course"
[weeks.week_one]
[weeks.week_1]
titel = "Basis"
topics = "activations"
exercise = ""
[weeks.week_1.modules]
linear = ["Li near"]
"""
    expected = [
        'course.toml: [course]: "name" is missing.',
        'course.toml: [course]: unknown key "naem". Did you mean "name"?',
        'course.toml: [weeks]: "week_one" is not the name of a week.'
        " Write it as week_1, week_2 and so on.",
        'course.toml: [weeks.week_1]: "title" is missing.',
        'course.toml: [weeks.week_1]: "topics": Expected `array`, got `str`.',
        'course.toml: [weeks.week_1]: "exercise" is empty.',
        'course.toml: [weeks.week_1.modules]: "Li near" is not a Python name.',
        'course.toml: [weeks.week_1]: unknown key "titel". Did you mean "title"?',
        'course.toml: unknown key "nmae".',
    ]
    assert problems(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "course.toml: the table [course] is missing."),
        ("weeks = 3\n[course]\nname = 'x'", 'course.toml: "weeks" must be a table [weeks].'),
        ("[weeks]", "course.toml: [weeks]: holds no week. Add [weeks.week_1]."),
        (
            GOOD.replace('optim = ["SGD", "Adam"]', ""),
            "course.toml: [weeks.week_3.modules]: names no module."
            ' Add a line such as: linear = ["Linear"].',
        ),
        (
            GOOD.replace("week_3", "week_03"),
            'course.toml: [weeks]: "week_03" is not the name of a week.'
            " Write it as week_1, week_2 and so on.",
        ),
        (GOOD + "[accuracy]", 'course.toml: unknown key "accuracy".'),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in problems(tmp_path, text)


def test_broken_toml_is_named_with_its_line(tmp_path: Path) -> None:
    [found] = problems(tmp_path, "[course]\nname = \n")
    assert found.startswith("course.toml: not valid TOML: ")
    assert "line 2" in found


def test_unfinished_merge_is_said_to_be_one(tmp_path: Path) -> None:
    merged = '[course]\n<<<<<<< HEAD\nname = "A"\n=======\nname = "B"\n>>>>>>> theirs\n'
    [found] = problems(tmp_path, merged)
    assert found.endswith(
        "Git could not merge it: keep one of the two versions, delete the markers."
    )


def test_answers_stand_in_for_an_earlier_week_of_a_student(tmp_path: Path) -> None:
    for name in ("assignments/week_1/linear.py", "answers/week_1/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    course = Course(tmp_path, "A course", {})
    assert tmp_path / "assignments/week_1" == course.earlier(1)  # no module is given out yet
    (tmp_path / "answers/week_1/linear.py").touch()
    assert tmp_path / "answers/week_1" == course.earlier(1)
    (tmp_path / "solutions").mkdir()
    assert tmp_path / "solutions/week_1" == course.earlier(1)


def test_a_file_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_bytes(b'[course]\nname = "\xff"\n')
    with pytest.raises(CourseError, match="not UTF-8 at byte 17"):
        load_course(tmp_path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"course\.toml: not found in"):
        load_course(tmp_path)


def test_a_folder_in_its_place_says_so(tmp_path: Path) -> None:
    (tmp_path / "course.toml").mkdir()
    with pytest.raises(CourseError, match=r"course\.toml: can't be read"):
        load_course(tmp_path)


def test_did_you_mean_is_silent_when_nothing_is_close() -> None:
    assert did_you_mean("linear", ["conv", "pooling"]) == ""
    assert did_you_mean("linaer", ["linear", "conv"]) == ' Did you mean "linear"?'


def test_importing_the_readers_loads_nothing_heavy() -> None:
    heavy = {"numpy", "torch", "rich", "click", "jinja2", "pytest", "nbgrader", "nbformat"}
    files = sorted((find_root(Path(__file__)) / "course").glob("*.py"))
    readers = ", ".join(f"course.{file.stem}" for file in files if file.stem != "__init__")
    code = f"import sys, {readers}; print(*({heavy!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_courses_own_file_is_valid() -> None:
    course = load_course(find_root(Path(__file__)))
    assert course.written
    assert course.written == sorted(course.weeks)[: len(course.written)]
