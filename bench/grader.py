"""The grader: a batch against the floor and against plain pytest, a run against torch's import."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autograder import batch
from autograder.options import Options
from autograder.sandbox.launch import SandboxError, unavailable
from autograder.submission import roster
from bench.measure import ROOT, Row, alternate, cost, elapsed, run
from course.config import Course, Week, load_course

SUBMISSIONS = 20
PLAIN_RUNS = 4
ROUNDS = 5
PROCESSES = os.cpu_count() or 1
PLAIN = "bench/plain_week_1.py"
LEAN = ["-c", "/dev/null", "--disable-plugin-autoload", "-p", "no:cacheprovider", "-q"]


def rows() -> list[Row]:
    """Rows (a), (b) and (d)."""
    if reason := unavailable():
        raise SandboxError(reason)
    course = load_course(ROOT)
    week = course.week(1)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        submissions = Path(folder) / "class"
        copies(course, week, submissions)
        grade_all(course, week, submissions, Path(folder) / "warm")
        rounds = [
            (
                cost(lambda n=turn: grade_all(course, week, submissions, Path(folder) / str(n)))
                / SUBMISSIONS,
                cost(lambda: side_by_side(lambda: floor(week), SUBMISSIONS)) / SUBMISSIONS,
                cost(lambda: side_by_side(lambda: plain_pytest(submissions), PLAIN_RUNS))
                / PLAIN_RUNS,
            )
            for turn in range(ROUNDS)
        ]
    ours, imports, theirs = (statistics.median(figures) for figures in zip(*rounds, strict=True))
    return [
        Row("(a) a submission in a batch, import numpy and the week", ours, imports, 3),
        Row("(b) a submission in a batch, plain pytest with torch", ours, theirs, 10, "s", True),
        start(),
    ]


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


def side_by_side(work: Callable[[], object], times: int) -> None:
    """Do it so many times, as many at once as the batch has processes: the same load."""
    with ThreadPoolExecutor(PROCESSES) as executor:
        for future in [executor.submit(work) for _ in range(times)]:
            future.result()


def floor(week: Week) -> None:
    """What any grader pays: a Python that imports NumPy and the week's modules."""
    modules = ", ".join(f"week_{week.number}.{module}" for module in week.modules)
    run(["-c", f"import numpy, {modules}"], {"PYTHONPATH": "solutions"})


def plain_pytest(submissions: Path) -> None:
    """The same checks in pytest's process, with torch."""
    run(["-m", "pytest", *LEAN, PLAIN], {"SUBMISSION": str(submissions / "student-00")})


def start() -> Row:
    """Row (d): public checks with a warm cache, on the clock, against torch's import."""
    grade = ["-m", "autograder", "grade", "1", "--submission", "solutions/week_1", "--public-only"]
    ours, theirs = alternate(
        lambda: run(grade), lambda: run(["-c", "import torch"]), elapsed, times=7
    )
    return Row("(d) grade 1 --public-only, import torch (on the clock)", ours, theirs, 0.6)
