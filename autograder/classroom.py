"""Grades a class: all submissions, a report for each student, one for the class, a table."""

from __future__ import annotations

import contextlib
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from autograder import batch, canaries
from autograder.mistakes.fingerprints import of_modules
from autograder.options import InputError, Options
from autograder.progress import progress, stdout
from autograder.records import is_identity
from autograder.report import html, terminal
from autograder.report.redaction import for_student
from autograder.report.text import count
from autograder.results import OURS, Record, claimed, private_folder, write_atomically
from autograder.sandbox.protocol import clean
from autograder.submission import roster
from course.config import Course, Week

FEEDBACK, PRIVATE = "feedback", "private"  # for students; for the instructor alone


@dataclass(frozen=True)
class Graded:
    """What a run came to: the records, and the names of the students whose reports are missing."""

    records: list[Record]
    unwritten: list[str]


def grade_class(
    course: Course, week: Week, folder: Path, results: Path, reports: Path, options: Options
) -> Graded:
    """Grade every submission in `folder`; records in `results`, HTML in `reports`.

    Raises:
        GradingError, SandboxError, CourseError: nothing can be graded here, or not rightly.
        OSError: there is no room for what has to be written; what was written stays.
    """
    handed_in = roster.read(folder)
    with contextlib.ExitStack() as claims:
        claim(reports / FEEDBACK, week, claims, "--reports", private=False)
        claim(reports / PRIVATE, week, claims, "--reports")
        claim(results, week, claims, "--results")
        proven = canaries.prove(course, week, options)
        for place in (reports / FEEDBACK, reports / PRIVATE, results):
            write_atomically(place / OURS, mark_of(week), private=True)
        work = batch.jobs(course, week, handed_in.submissions, results, options)
        of_modules(course, week, week.modules, options)  # once, before several processes need them
        with progress(f"week {week.number}: submissions", len(work)) as advance:
            records = batch.run(work, lambda _: advance())
        passed_over = [*handed_in.skipped, *left_over(records, reports / FEEDBACK)]
        unwritten = write_reports(records, reports, passed_over, proven)
    terminal.class_table(records, stdout(), passed_over)
    sys.stdout.write(
        f"\nFor students:   {reports / FEEDBACK} (one page each)\n"
        f"For you alone:  {reports / PRIVATE / 'index.html'} (the class)\n"
        + (f"{proven}\n" if proven else "")
    )
    return Graded(records, unwritten)


def claim(
    place: Path, week: Week, claims: contextlib.ExitStack, option: str, private: bool = True
) -> None:
    """Make the folder, and keep other runs and weeks out of it until the claims end.

    Args:
        option: what it was chosen with.
    Raises:
        InputError: it is no folder, holds another week, or another run writes to it.
    """
    try:
        if private:
            private_folder(place)
        else:
            place.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(
            f"{place} can't be made, because a file is in its place: choose a folder with {option}"
        ) from None
    try:
        claims.enter_context(claimed(place))
    except BlockingIOError:
        raise InputError(
            f"another run writes to {place}: let it end, or choose other folders with --results "
            "and --reports"
        ) from None
    mark = place / OURS
    if mark.is_file() and mark.read_bytes() != mark_of(week):
        raise InputError(
            f"{place} holds the results of another week, which would be overwritten: choose a "
            f"folder for week {week.number} alone with {option}"
        )


def mark_of(week: Week) -> bytes:
    """What stands in the folders that a week's results are in."""
    return f"week {week.number}\n".encode()


def left_over(records: list[Record], feedback: Path) -> list[str]:
    """A line on the pages of students who aren't in the class's folder, if there are any.

    They may have been graded from another folder, so their pages stay.
    """
    now = {record.id for record in records}
    others = sorted({path.stem for path in feedback.glob("*.html")} - now)
    pages = [f"{name}.html" for name in others if is_identity(name)]
    if not pages:
        return []
    how_many = count(len(pages), "page")
    return [f"{FEEDBACK}: {how_many} of earlier runs, of nobody graded now: {', '.join(pages)}"]


def write_reports(
    records: list[Record], folder: Path, skipped: list[str], proven: str = ""
) -> list[str]:
    """A report per student, the instructor's in a folder of their own, and the class's.

    Args:
        proven: what was proven of the grader before, for the class's.
    Returns:
        The students whose reports could not be written.
    """
    unwritten = []
    for record in records:
        try:
            write_report(record, folder)
        except IsADirectoryError as error:
            sys.stderr.write(f"autograder: {error.filename2 or error.filename} is a folder\n")
            unwritten.append(record.student)
        except OSError:
            raise
        except Exception:  # our fault, with this record: the others are reported on all the same
            sys.stderr.write(clean(traceback.format_exc(), 20_000))
            unwritten.append(record.student)
    page = html.render_class(records, skipped, proven).encode()
    write_atomically(folder / PRIVATE / "index.html", page, private=True)
    return unwritten


def write_report(record: Record, folder: Path) -> None:
    name = f"{record.id}.html"
    write_atomically(folder / FEEDBACK / name, html.render(for_student(record)).encode())
    instructors = html.render(record, instructor=True).encode()
    write_atomically(folder / PRIVATE / name, instructors, private=True)
