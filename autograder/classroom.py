"""Grades a class: all submissions, a report for each student, one for the class, a table."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder import batch
from autograder.mistakes.fingerprints import of_modules
from autograder.options import Options
from autograder.progress import progress, stdout
from autograder.report import html, terminal
from autograder.report.redaction import for_student
from autograder.results import Record, write_atomically
from course.config import Course, Week


def grade_class(
    course: Course, week: Week, folder: Path, results: Path, reports: Path, options: Options
) -> list[Record]:
    """Grade every folder in `folder`; records in `results`, HTML in `reports`.

    Raises:
        GradingError, SandboxError: nothing can be graded here.
        OSError: a file can't be written; those that were written stay.
    """
    work = batch.jobs(course, week, folder, results, options)
    of_modules(course, week, week.modules, options)  # once, before several processes need them
    with progress(f"week {week.number}: submissions", len(work)) as advance:
        records = batch.run(work, lambda _: advance())
    write_reports(records, reports)
    terminal.class_table(records, stdout())
    sys.stdout.write(f"\nReports: {reports / 'index.html'} (and one per student)\n")
    return records


def write_reports(records: list[Record], folder: Path) -> None:
    """A report per student, the instructor's in a folder of their own, and the class's."""
    for record in records:
        name = html.file_name(record)
        write_atomically(folder / name, html.render(for_student(record)).encode())
        instructors = html.render(record, instructor=True).encode()
        write_atomically(folder / "instructor" / name, instructors)
    write_atomically(folder / "index.html", html.render_class(records).encode())
