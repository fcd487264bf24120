"""A check hands on what a submission returned: to parity, or back to it, and does nothing else.

Such a value can be anything. What touches it ends the check with an exception that says nothing to
a student; the accessors of parity say what was expected, and what came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.author.findings import Finding
from autograder.author.reading import Reader
from course.config import Course, Week

WHAT = "what a submission returned is touched through parity alone"
INSTEAD = {
    "computed with": "parity.array(label, got, shape)",
    "compared": "parity(label, got, expected) or parity.equal(label, got, expected)",
    "asked whether it is true": "parity.equal(label, got, expected)",
    "unpacked": "parity.parts(label, got, count)",
    "indexed": "parity.parts(label, got, count), parity.item(got, key) or parity.array(...)",
    "gone through": "parity.parts(label, got, count) or parity.array(label, got, shape)",
    "put into a text": "parity.describe(got)",
    "asked for an attribute": "parity.array(label, got, shape); for an object, "
    "notebook.make(...) or worker.keep_result(...), which leave it in the worker",
    "handed to a function": "parity.array(label, got, shape), and hand on what that returns",
    "called": "notebook.call(name, ...) or worker.call(path, ...)",
}


def verify_touches(course: Course, week: Week) -> Finding:
    """The places in a week's checks, and in the course's fixtures, that look into such a value."""
    own = course.solutions / "fixtures.py"
    beside = [own] if own.is_file() else []
    files = [*beside, *sorted(course.checks(week.number).glob("*.py"))]
    problems = (
        f"{course.relative(file)}:{line}: {sentence}"
        for file in files
        for line, sentence in touches(file, [path for path in beside if path != file])
    )
    return Finding(WHAT, tuple(problems))


def touches(file: Path, beside: Iterable[Path] = ()) -> Iterator[tuple[int, str]]:
    """Line and sentence for each in a file, whose fixtures may stand in others `beside` it."""
    reader = Reader()
    for path in beside:
        reader.read(path)
    reader.found.clear()
    reader.read(file)
    for line, expression, how in sorted(reader.found):
        yield line, f"{expression}: what a submission returned is {how}; use {INSTEAD[how]}"
