"""nbgrader's gradebook: our verdicts as points, written answers for a person."""

from __future__ import annotations

import json
import shutil
import warnings
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from notebooks.notebook_samples import COURSE, cell_of, source

from autograder import records, secret
from autograder.gradebook.answers import fill_in
from autograder.gradebook.book import Book, Entry, student_id
from autograder.options import GradingError
from autograder.results import CheckResult, Record, Verdict
from autograder.submission.notebook_file import parse
from course.config import Course
from course.notebooks import read

pytestmark = pytest.mark.xdist_group("nbgrader")  # imported once

WEEK = COURSE.week(1)
CHECKS = {
    "test_outputs": Verdict.PASSED,
    "test_gradients": Verdict.FAILED,
    "test_relative_error": Verdict.GRADER_ERROR,
    "test_float32_errors": Verdict.NOT_ATTEMPTED,
}


def record(student: str, **options: Any) -> Record:
    checks = [
        CheckResult(f"test_exercise.py::{name}", name, "exercise", 5.0, True, verdict)
        for name, verdict in CHECKS.items()
    ]
    options = {"notebook": True, "time": "2026-01-02T03:04:05+00:00"} | options
    return Record(1, "Basis", student, checks, **options)


class Class:
    """A folder of submissions, their records, and the gradebook that they go to."""

    def __init__(self, root: Path) -> None:
        self.root, self.url = root, f"sqlite:///{root / 'book.db'}"
        for name in ("assignments", "nbgrader_config.py", "solutions"):
            (root / name).symlink_to(COURSE.root / name)
        self.course = Course(root, "a course", COURSE.weeks)
        (root / "results").mkdir()

    def add(self, student: str, handed_in: dict[str, Any] | None, **options: Any) -> None:
        folder = self.root / "class" / student
        folder.mkdir(parents=True, exist_ok=True)
        if handed_in is not None:
            (folder / "exercise.ipynb").write_text(json.dumps(handed_in))
        records.save(self.record_of(student), record(student, **options), student, self.secret)

    @property
    def secret(self) -> str:
        return secret.load(self.root)

    def record_of(self, student: str) -> Path:
        return records.path_of(self.root / "results", student)

    def fill(self) -> dict[str, Entry]:
        book = Book(self.course, WEEK, self.url)
        entries = book.fill(self.root / "class", self.root / "results")
        return {entry.student: entry for entry in entries}

    def grades(self, student: str) -> dict[str, Any]:
        from nbgrader.api import Gradebook

        with warnings.catch_warnings(), Gradebook(self.url) as book:
            warnings.simplefilter("ignore")
            submission = book.find_submission_notebook("exercise", "week_1", student)
            return {
                g.name: (g.auto_score, g.manual_score, g.needs_manual_grade)
                for g in submission.grades
            }


@pytest.fixture(scope="module")
def entered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with the week's notebook: nbgrader takes seconds to make one."""
    made = Class(tmp_path_factory.mktemp("gradebook"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Book(made.course, WEEK, made.url).enter_notebook()
    return made.root / "book.db"


@pytest.fixture
def klass(tmp_path: Path, entered: Path) -> Class:
    shutil.copy(entered, tmp_path)
    return Class(tmp_path)


def test_points_are_our_verdicts_and_written_answers_wait_for_a_person(klass: Class) -> None:
    klass.add("ada", source(1))

    entry = klass.fill()["ada"]

    assert entry.to_grade == 4  # three by hand, and one check that the grader failed on
    assert klass.grades("ada") == {
        "test_outputs": (5.0, None, False),
        "test_gradients": (0.0, None, False),
        "test_relative_error": (None, None, True),
        "test_float32_errors": (0.0, None, False),
        "torch_outputs": (None, None, True),
        "question_rounding": (None, None, True),
        "question_equal": (None, None, True),
    }


def test_what_was_not_answered_needs_nobody_and_a_missing_notebook_is_noted(klass: Class) -> None:
    klass.add("ben", source(1, "assignments"))
    klass.add("cleo", None)
    (klass.root / "class" / "cleo" / "linear.py").touch()
    klass.add("old", source(1), notebook=False)
    klass.add("new", source(1))
    klass.record_of("new").unlink()

    entries = klass.fill()

    assert klass.grades("ben")["question_equal"] == (0.0, None, False)
    assert entries["cleo"].note == "no exercise.ipynb was handed in"
    assert "without its notebook" in entries["old"].note
    assert "not graded yet" in entries["new"].note


def test_a_record_that_the_grader_did_not_write_for_this_student_is_refused(klass: Class) -> None:
    for student in ("ada", "ben", "cleo"):
        klass.add(student, source(1))
    klass.record_of("ben").write_bytes(klass.record_of("ada").read_bytes())
    edited = klass.record_of("cleo").read_text().replace('"failed"', '"passed"')
    klass.record_of("cleo").write_text(edited)

    entries = klass.fill()

    assert entries["ada"].to_grade == 4
    for student in ("ben", "cleo"):
        assert entries[student].file is None
        assert "not as the grader wrote it" in entries[student].note
        assert "run grade-all again" in entries[student].note


def test_a_notebook_is_found_in_a_zip_and_none_is_noted(klass: Class) -> None:
    klass.add("zoe", None)
    (klass.root / "class" / "zoe").rmdir()
    with zipfile.ZipFile(klass.root / "class" / "zoe.zip", "w") as file:
        file.writestr("week_1/exercise.ipynb", json.dumps(source(1)))
    klass.add("cleo", None)

    entries = klass.fill()

    assert entries["zoe"].to_grade == 4
    assert "no file of week 1 found" in entries["cleo"].note


def test_a_grade_given_by_hand_stays_until_the_answer_changes(klass: Class) -> None:
    from nbgrader.api import Gradebook

    klass.add("ada", source(1))
    klass.fill()
    with Gradebook(klass.url) as book:
        grade = book.find_grade("question_equal", "exercise", "week_1", "ada")
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        book.db.commit()

    klass.fill()
    assert klass.grades("ada")["question_equal"] == (None, 2.0, False)

    notebook = source(1)
    cell_of(notebook, "question_equal")["source"] = "another answer"
    klass.add("ada", notebook)
    klass.fill()
    assert klass.grades("ada")["question_equal"] == (None, 2.0, True)


def test_the_file_for_the_formgrader_is_where_it_looks_and_valid(klass: Class) -> None:
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator

    notebook = source(1)
    notebook["cells"].append({"cell_type": "code", "source": "print('mine')", "metadata": {}})
    notebook["cells"].append({"cell_type": "raw", "source": "<b>", "metadata": {}})
    klass.add("ada o'x", notebook)

    file = next(iter(klass.fill().values())).file

    assert file is not None
    folder = klass.root / "grading" / "autograded"
    assert file.parent.parent.parent == folder
    assert file.parent.name == "week_1"
    content = nbformat.reads(file.read_text(), as_version=4)
    nbformat.validate(content)
    MetadataValidator().validate_nb(content)
    assert not any(cell.get("outputs") for cell in content["cells"])


def test_a_week_that_is_not_released_and_other_cells_are_said(klass: Class) -> None:
    with pytest.raises(GradingError, match="release build"):
        Book(Course(klass.root / "nowhere", "", COURSE.weeks), WEEK)
    klass.add("ada", source(1))
    book = Book(klass.course, WEEK, klass.url)
    book.fill(klass.root / "class", klass.root / "results")
    cells = [cell for cell in book.released.cells if cell.grade_id != "test_outputs"]
    book.released = msgspec.structs.replace(book.released, cells=cells)

    with pytest.raises(GradingError, match="--db-url"):
        book.fill(klass.root / "class", klass.root / "results")


def test_the_courses_cells_stand_whatever_the_student_did_to_them() -> None:
    released = read(COURSE.assignments / "week_1" / "exercise.ipynb", COURSE)
    own = source(1)
    cell_of(own, "test_outputs")["source"] = "pass"
    cell_of(own, "data")["source"] = "x = 0"
    own["cells"].reverse()
    own["cells"].append(cell_of(source(1), "question_equal") | {"source": "the last one counts"})

    filled = json.loads(fill_in(released, parse(json.dumps(own).encode())).content)

    assert cell_of(filled, "test_outputs") == cell_of(source(1, "assignments"), "test_outputs")
    assert cell_of(filled, "data") == cell_of(source(1, "assignments"), "data")
    assert "<p>the last one counts</p>" in cell_of(filled, "question_equal")["source"]


def test_names_become_safe_and_stay_different() -> None:
    assert student_id("ada.l_1@x") == "ada.l_1@x"
    ids = {student_id(name) for name in ("a b", "a/b", "a*b", "a-b", "Ä", "[x]")}
    assert len(ids) == 6
    assert all(set(one).isdisjoint("/*[] ?") for one in ids)
