"""The grader: a batch against the floor and against plain pytest, a run against torch's import."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autograder import batch
from autograder.options import Options
from autograder.sandbox.launch import unavailable
from autograder.submission import roster
from bench.measure import ROOT, Row, Work, alternate, elapsed, medians, run, total_time
from course.config import Course, Week, load_course

SUBMISSIONS = 20
ROUNDS = 5
PROCESSES = os.cpu_count() or 1
PLAIN = "bench/plain_week_1.py"
LEAN = ["-c", "/dev/null", "--disable-plugin-autoload", "-p", "no:cacheprovider", "-q"]


def rows() -> Iterator[Row]:
    """Rows (a), (b) and (d)."""
    if reason := unavailable():
        sys.stderr.write(f"bench: {reason}\n")
        sys.exit(3)
    course = load_course(ROOT)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield from in_a_batch(course, course.week(1), Path(folder))
    yield from start()


def in_a_batch(course: Course, week: Week, folder: Path) -> Iterator[Row]:
    """Rows (a) and (b): processor seconds per submission, three measurements in turns."""
    submissions = folder / "class"
    copies(course, week, submissions)
    grade_all(course, week, submissions, folder / "warm")
    to_floor, to_plain = [], []
    for turn in range(ROUNDS):
        results = folder / str(turn)
        ours = total_time(lambda to=results: grade_all(course, week, submissions, to)) / SUBMISSIONS
        floor = side_by_side(lambda: import_only(week), SUBMISSIONS)
        plain = side_by_side(lambda: plain_pytest(submissions), PROCESSES)
        to_floor.append((ours, floor))
        to_plain.append((plain, ours))
    yield Row("(a) batch : import numpy and week", *medians(to_floor), 3)
    yield Row("(b) plain pytest with torch : batch", *medians(to_plain), 10, at_least=True)


def copies(course: Course, week: Week, folder: Path) -> None:
    """The reference, once for each student, with a comment that makes each a different text."""
    for number in range(SUBMISSIONS):
        target = folder / f"student-{number:02d}"
        target.mkdir(parents=True)
        for module in week.modules:
            text = (course.solutions / f"week_{week.number}" / f"{module}.py").read_text()
            (target / f"{module}.py").write_text(f"{text}# student {number}\n")


def grade_all(course: Course, week: Week, submissions: Path, results: Path) -> None:
    """Grade the class as `autograder grade-all` does, but for training and for reports."""
    work = batch.jobs(
        course, week, roster.read(submissions).submissions, results, Options(accuracy=False)
    )
    records = batch.run(work, lambda _: None, PROCESSES)
    if any(record.score != record.max_score for record in records):
        raise RuntimeError("a copy of the reference did not get full marks")


def side_by_side(work: Work, times: int) -> float:
    """Processor seconds of one, of so many that run as many at once as the batch does."""

    def all_of_them() -> None:
        with ThreadPoolExecutor(PROCESSES) as executor:
            for future in [executor.submit(work) for _ in range(times)]:
                future.result()

    return total_time(all_of_them) / times


def import_only(week: Week) -> None:
    """What any grader pays: a Python that imports NumPy and the week's modules."""
    modules = ", ".join(f"week_{week.number}.{module}" for module in week.modules)
    run(["-c", f"import numpy, {modules}"], {"PYTHONPATH": "solutions"})


def plain_pytest(submissions: Path) -> None:
    """The same checks in pytest's process, with torch."""
    run(["-m", "pytest", *LEAN, PLAIN], {"SUBMISSION": str(submissions / "student-00")})


def start() -> Iterator[Row]:
    """Row (d): public checks with a warm cache against torch's import; what one waits, too."""
    grade = ["-m", "autograder", "grade", "1", "--submission", "solutions/week_1", "--public-only"]
    sides = (lambda: run(grade), lambda: run(["-c", "import torch"]))
    yield Row("(d) grade, public : import torch", *alternate(*sides, total_time, ROUNDS), 0.6)
    yield Row("    the same on the clock", *alternate(*sides, elapsed, ROUNDS))
