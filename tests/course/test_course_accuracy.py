"""accuracy.toml: written by a program, read strictly, and released without what it catches."""

from __future__ import annotations

from pathlib import Path

import pytest

from course import accuracy
from course.accuracy import Accuracy
from course.config import Course, Week
from course.errors import CourseError

FULL = Accuracy(0.93, 0.96, 0.004, 0.03, 40, (0.9, 0.4), ("linear-not-shifted",))
PLAIN = Accuracy(1.0, 1.0, 0.0, 0.0, 40)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "solutions" / "week_1").mkdir(parents=True)
    return Course(tmp_path, "A course", {1: Week(1, "Basis", (), "", {})})


def write(course: Course, text: str) -> None:
    accuracy.path(course, 1).write_text(text, encoding="utf-8")


def test_what_is_written_is_read_again(course: Course) -> None:
    thresholds = {"test_network": FULL, "test_other": PLAIN}
    write(course, accuracy.dump(thresholds))
    assert thresholds == accuracy.load(course, 1)


def test_a_week_without_a_file_has_no_thresholds(course: Course) -> None:
    assert {} == accuracy.load(course, 1)


def test_students_get_the_thresholds_without_the_mistakes_that_they_catch(course: Course) -> None:
    text = accuracy.dump(accuracy.for_students({"test_network": FULL}))
    assert "linear-not-shifted" not in text
    assert "caught =" not in text
    write(course, text)
    read = accuracy.load(course, 1)["test_network"]
    assert (FULL.threshold, FULL.losses, ()) == (read.threshold, read.losses, read.caught)


def test_every_fault_is_named_with_its_place(course: Course) -> None:
    wrong = {"threshold": '"high"', "mean": "nan", "margin": "true", "seeds": "1.5", "sede": "3"}
    lines = "".join(f"{key} = {value}\n" for key, value in wrong.items())
    write(course, f"[test_x]\nsd = 0.1\n{lines}")
    with pytest.raises(CourseError) as caught:
        accuracy.load(course, 1)
    place = "solutions/week_1/accuracy.toml: [test_x]:"
    assert [
        f'{place} "threshold": Expected `float`, got `str`.',
        f'{place} "mean" is nan, not a finite number.',
        f'{place} "margin": Expected `float`, got `bool`.',
        f'{place} "seeds": Expected `int`, got `float`.',
        f'{place} unknown key "sede". Did you mean "seeds"?',
    ] == list(caught.value.problems)


def test_broken_toml_is_named_with_what_to_do(course: Course) -> None:
    write(course, "[test_x\n")
    with pytest.raises(
        CourseError, match=r"accuracy\.toml: not valid TOML.*Calibrate the week again"
    ):
        accuracy.load(course, 1)
