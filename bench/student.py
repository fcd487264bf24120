"""A student's clone: a cold grade, and from a save to its verdict, against Python with NumPy."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import ROOT, SAME, Row, alternate, elapsed, medians, run, total_time
from course.config import Course, load_course

COLD, SAVES = 15, 20
WEEKS = range(1, 7)
PAUSE = 0.4  # seconds between two saves: the next worker has started by then
PATIENCE = 60.0  # seconds for a verdict
NUMPY = ["-c", "import numpy"]


def rows() -> Iterator[Row]:
    """Rows (e) and (f)."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        course = clone(Path(folder) / "clone")
        yield from cold(course)
        yield from watched(course)


def clone(root: Path) -> Course:
    """What is released, with the solutions filled in; without the checks that train a model."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "assignments", root / "assignments", ignore=ignored)
    shutil.copy(ROOT / "course.toml", root)
    course = load_course(root)
    for number in WEEKS:
        folder = course.folder(number)
        for module in course.week(number).modules:
            shutil.copy(ROOT / f"solutions/week_{number}/{module}.py", folder)
        leave_out(folder / "checks", "test_accuracy.py")
    return course


def leave_out(checks: Path, name: str) -> None:
    (checks / name).unlink(missing_ok=True)
    worth = json.loads((checks / "points.json").read_text())
    kept = {check: points for check, points in worth.items() if not check.startswith(name)}
    (checks / "points.json").write_text(json.dumps(kept))


def grader(course: Course, *arguments: str) -> list[str]:
    return ["-m", "autograder", "--course", str(course.root), *arguments]


def cold(course: Course) -> Iterator[Row]:
    """Row (e): the parity checks of a solution with its report, by a program that starts."""
    page = course.root / "report.html"
    grade = grader(course, "grade", "1", "--html", str(page))
    sides = (lambda: run(grade), lambda: run(NUMPY))
    figures = alternate(*sides, total_time, COLD)
    yield Row("(e) grade, cold : import numpy", *figures, 5)
    yield Row("    the same on the clock", *alternate(*sides, elapsed, COLD))


def watched(course: Course) -> Iterator[Row]:
    """Row (f): on the clock, from a save of each module to its verdict."""
    ratios = []
    for number in WEEKS:
        watch = Watched(course, number)
        try:
            for module in course.week(number).modules:
                pairs = [(watch.save(module), elapsed(lambda: run(NUMPY))) for _ in range(SAVES)]
                row = Row(f"    week {number}, {module}", *medians(pairs))
                ratios.append(row.ratio)
                yield row
        finally:
            watch.stop()
    yield Row("(f) save to verdict : import numpy", None, None, statistics.median(ratios), 1)


class Watched:
    """A running `make watch`, and saves in its folder."""

    def __init__(self, course: Course, number: int) -> None:
        self.folder, self.number = course.folder(number), number
        self.process = subprocess.Popen(
            [sys.executable, *grader(course, "watch", str(number))],
            env=SAME,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.read_until("Next: ")

    def save(self, module: str) -> float:
        """Seconds from a save to the line that tells what it changed."""
        time.sleep(PAUSE)
        file = self.folder / f"{module}.py"
        text = file.read_text() + "#"
        started = time.perf_counter()
        file.write_text(text)
        self.read_until("as before")
        return time.perf_counter() - started

    def read_until(self, words: str) -> None:
        assert self.process.stdout is not None
        ends = time.monotonic() + PATIENCE
        while words not in (line := self.process.stdout.readline()):
            if not line or time.monotonic() > ends:
                raise RuntimeError(f"week {self.number} is watched, and no line has {words!r}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
