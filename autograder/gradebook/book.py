"""Puts a week's notebooks into nbgrader's gradebook, for grading written answers by hand.

The points of autograded cells are the verdicts of our own records: nbgrader never runs a
submission. Written answers become cells that need manual grading, and the notebooks go where
nbgrader's formgrader looks for them. Importing nbgrader takes seconds: only this module does.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from autograder import records
from autograder.gradebook.answers import Answered, fill_in
from autograder.options import GradingError, InputError, Options, course_secret
from autograder.results import OUR_FAULT, CheckResult, Record, Verdict, write_atomically
from autograder.sandbox.protocol import clean
from autograder.submission import notebook_file, roster
from autograder.submission.finding import Submission, find
from autograder.submission.intake import Missing, Refused
from autograder.submission.untouched import released_files
from course import nbgrader, notebooks
from course.config import Course, Week
from course.notebooks import Cell


@dataclass(frozen=True)
class Entry:
    """One submission in the gradebook: who, what is still to be graded by hand, and where."""

    student: str
    to_grade: int
    file: Path | None
    note: str = ""


class Book:
    """nbgrader's gradebook for one week.

    Args:
        db_url: SQLite or PostgreSQL; nbgrader's default is gradebook.db in the course's folder.
    Raises:
        GradingError: the week has no released notebook.
        CourseError: that is broken, or nbgrader isn't installed or configured.
    """

    def __init__(self, course: Course, week: Week, db_url: str = "") -> None:
        self.name = f"week_{week.number}"
        self.notebook = Path(notebooks.NAME).stem
        released = course.assignments / self.name / notebooks.NAME
        if not released.is_file():
            missing = course.relative(released)
            raise GradingError(f"{missing} is missing: run `release build {week.number}`")
        self.released = notebooks.read(released, course)
        self.course, self.week, self.secret = course, week, course_secret(course, Options())
        config = nbgrader.load(course, course.root)
        from nbgrader.coursedir import CourseDirectory

        # nbgrader starts a program of its own, which lies beside the interpreter
        folders = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
        os.environ["PATH"] = os.pathsep.join(folders)
        if db_url:
            config.CourseDirectory.db_url = db_url
        self.folders = CourseDirectory(config=config)
        self.course_id = self.folders.course_id or "default_course"

    def fill(self, folder: Path, results: Path) -> list[Entry]:
        """Enter every submission in `folder`, with the verdicts of its record in `results`.

        Raises:
            GradingError: the gradebook holds this notebook with other cells, and submissions.
            InputError: there are no submissions.
        """
        from nbgrader.api import Gradebook

        submissions = roster.read(folder).submissions
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of nbgrader about its own use of its database
            self.enter_notebook()
            with Gradebook(self.folders.db_url, self.course_id) as book:
                return [self.enter(book, one, results) for one in submissions]

    def enter_notebook(self) -> None:
        """The week, its notebook and its cells, with their points."""
        from nbformat import reads
        from nbgrader.api import Gradebook
        from nbgrader.preprocessors import SaveCells

        url = self.folders.db_url
        with Gradebook(url, self.course_id) as book:
            book.update_or_create_assignment(self.name)
        place = {"notebook": self.notebook, "assignment": self.name, "db_url": url}
        try:
            text = notebooks.encode(self.released).decode()
            cells: Any = reads(text, as_version=4)  # type: ignore[no-untyped-call]
            SaveCells().preprocess(cells, {"nbgrader": place})
        except RuntimeError as error:
            raise GradingError(f"{url}: {error}. Use another gradebook with --db-url.") from None

    def enter(self, book: Any, submission: Submission, results: Path) -> Entry:
        """One submission: grades of its cells, and its notebook as a file for the formgrader."""
        student = student_id(submission.name)
        file = records.path_of(results, submission.name)
        try:
            record = records.load(file, self.week.number, submission.name, self.secret)
        except OSError:
            return Entry(student, 0, None, "not graded yet: run grade-all with --notebook")
        except msgspec.DecodeError as error:
            return Entry(student, 0, None, f"{file}: {error}: run grade-all again")
        if not record.notebook:
            return Entry(student, 0, None, "graded without its notebook: run grade-all --notebook")
        cells, note = cells_of(submission, self.week, released_files(self.course, self.week))
        book.update_or_create_student(student)
        book.update_or_create_submission(self.name, student, timestamp=time_of(record))
        target = self.file_of(student)
        content = fill_in(self.released, cells)
        unchanged = target.is_file() and target.read_bytes() == content.content
        to_grade = self.enter_grades(book, student, record, content, unchanged)
        write_atomically(target, content.content)
        return Entry(student, to_grade, target, note)

    def file_of(self, student: str) -> Path:
        step = self.folders.autograded_directory
        folder = self.folders.format_path(step, student, self.name)
        return Path(folder) / notebooks.NAME

    def enter_grades(
        self, book: Any, student: str, record: Record, content: Answered, unchanged: bool
    ) -> int:
        """Set every grade and comment; how many cells a person still has to look at."""
        checks = {c.id.partition("::")[2]: c for c in record.checks if c.module == notebooks.MODULE}
        to_grade = 0
        for cell in (cell.settings for cell in self.released.cells if cell.settings.grade):
            name = cell.grade_id
            grade = book.find_grade(name, self.notebook, self.name, student)
            if not cell.solution:
                grade.auto_score = points_of(checks.get(name), cell.points)
                grade.needs_manual_grade = grade.auto_score is None
            elif name not in content.answered:
                grade.auto_score, grade.needs_manual_grade = 0.0, False
                comment = book.find_comment(name, self.notebook, self.name, student)
                comment.auto_comment = "No response."
            elif not (unchanged and grade.manual_score is not None):
                grade.auto_score, grade.needs_manual_grade = None, True
            to_grade += bool(grade.needs_manual_grade)
        book.db.commit()
        return to_grade


def points_of(check: CheckResult | None, points: float) -> float | None:
    """An autograded cell's points; None where the grader failed, for a person to decide."""
    if check is None or check.verdict in OUR_FAULT:
        return None
    return float(points) if check.verdict is Verdict.PASSED else 0.0


def cells_of(submission: Submission, week: Week, untouched: Path | None) -> tuple[list[Cell], str]:
    """The submitted cells; none, and a note, if the notebook can't be read."""
    try:
        return notebook_file.load(find(submission, week, untouched)), ""
    except Missing:
        return [], f"no {notebooks.NAME} was handed in"
    except Refused as reason:
        return [], f"{notebooks.NAME} {reason}"
    except InputError as reason:
        return [], str(reason)


def student_id(name: str) -> str:
    """A name that is safe as a folder and in an address; different names stay different."""
    safe = re.sub(r"[^A-Za-z0-9_@.-]", "-", clean(name, 60))
    if safe == name:
        return name
    return f"{safe}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def time_of(record: Record) -> datetime:
    """When the record was made, as nbgrader wants it: UTC without a zone."""
    try:
        moment = datetime.fromisoformat(record.time)
    except ValueError:
        raise InputError(f"the record of {record.student} has no time") from None
    return moment.astimezone(UTC).replace(tzinfo=None)
