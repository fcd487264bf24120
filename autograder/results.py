"""The record of one graded submission: typed, versioned, and the source of every report.

All text in a record that comes from a submission was cleaned on its way in (capped, control
characters removed), but it is still the submission's: renderers escape it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import msgspec

VERSION = 1
PARTIAL = ".partial"  # how a file ends that is still being written
OURS = ".autograder"  # lies in the folders that a class's results go to, and says of which week


class Verdict(StrEnum):
    """How a check ended. Only `passed` earns points."""

    PASSED = "passed"
    FAILED = "failed"  # a wrong value
    NOT_ATTEMPTED = "not_attempted"  # a stub's NotImplementedError
    ERROR = "error"  # an exception in the submission
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"  # the submission's process ended
    SKIPPED = "skipped"  # a check that it needs did not pass
    GRADER_ERROR = "grader_error"  # our fault: never a zero
    NOT_RUN = "not_run"  # our fault: never a zero


FAILURES = frozenset({Verdict.FAILED, Verdict.ERROR})
OUR_FAULT = frozenset({Verdict.GRADER_ERROR, Verdict.NOT_RUN})


class Heatmap(msgspec.Struct, tag="heatmap", frozen=True):
    """A picture of a matrix: values between 0 and 1, row by row."""

    title: str
    grid: list[list[float]]
    low: str = "equal"
    high: str = "different"


class Curves(msgspec.Struct, tag="curves", frozen=True):
    """A picture of lines over epochs or steps: a name and the values of each."""

    title: str
    lines: dict[str, list[float]]
    x_label: str = "epoch"
    y_label: str = "loss"


class Figure(msgspec.Struct, tag="figure", frozen=True):
    """A PNG that the submission drew, checked to be one (base64 in JSON)."""

    title: str
    png: bytes


Picture = Heatmap | Curves | Figure


class Comparison(msgspec.Struct, frozen=True):
    """One array of the submission against the expected one."""

    label: str
    passed: bool
    problem: str = ""  # "", "missing", "shape", "dtype", "nan", "values", "accepted"
    message: str = ""  # what is wrong, in a sentence
    diagnosis: str = ""  # what kind of mistake it looks like, if recognised
    expected_shape: list[int] = []
    got_shape: list[int] = []
    expected_dtype: str = ""
    got_dtype: str = ""
    max_error: float | None = None  # largest absolute difference
    tolerance: float | None = None  # what was allowed there
    where: list[int] | None = None  # index of the largest error
    expected_value: float | None = None
    got_value: float | None = None
    given: dict[str, float | None] = {}  # what calls were given there: {"forward": -0.3}
    wrong: int = 0  # how many elements are outside the tolerance
    size: int = 0
    heatmap: Heatmap | None = None


class Example(msgspec.Struct, frozen=True):
    """The smallest case that goes wrong, on public numbers."""

    case: str  # "Linear(2, 1), x of shape (1, 2)"
    label: str  # what is wrong there: "gradient of weight"
    got: str
    expected: str
    program: str  # lines that do the same in an interpreter of one's own
    scope: str = ""  # what tells the cases in which it goes wrong from the others


class Glimpse(msgspec.Struct, frozen=True):
    """What may be known of a hidden check that went wrong: see `checking.glimpses`."""

    label: str = ""  # of the first comparison that failed, without what may be a value
    problem: str = ""  # of that comparison
    error: str = ""  # the type of exception, of Python's own
    place: str = ""  # a line of the submission: 'week_1/linear.py:31 in backward: line of code'


class CheckResult(msgspec.Struct):
    """One check: what it is worth, how it ended and why."""

    id: str  # "test_linear.py::test_linear_backward"
    title: str  # "Linear: gradient of the input"
    module: str  # "linear"
    max_points: float
    hidden: bool
    verdict: Verdict = Verdict.NOT_RUN
    points: float = 0.0
    message: str = ""  # what happened, in a sentence; may quote the submission's exception
    waits_for: str = ""  # of a check that wasn't run: the id of the one that must pass before
    hint: str = ""  # the sentence of the mistake that explains it
    mistake: str = ""  # that mistake's id
    also: dict[str, str] = {}  # what else is wrong in it, or in what waits for it: id, sentence
    example: Example | None = None
    comparisons: list[Comparison] = []
    pictures: list[Picture] = []
    glimpse: Glimpse | None = None
    traceback: list[str] = []  # 'week_1/linear.py:31 in backward: line of code'
    output: str = ""  # what the submission printed during the check
    duration: float = 0.0  # seconds

    @property
    def shows(self) -> bool:
        """Whether there is something to look at, however it ended."""
        return bool(self.pictures or self.output)


class Todo(msgspec.Struct, frozen=True):
    """A stub that is still to be filled in."""

    file: str
    line: int
    name: str  # "Linear.forward"
    text: str  # the TODO's words


class Record(msgspec.Struct):
    """One submission and week. `complete` is false when a check ended through our fault."""

    week: int
    title: str
    student: str  # to be shown; two students may look alike
    checks: list[CheckResult]
    id: str = ""  # names the student's files, different for each student
    seal: str = ""  # of the grader's own records: nobody else can make one, see `records`
    score: float = 0.0
    max_score: float = 0.0
    complete: bool = True
    found: bool = True  # whether any file of the week was handed in; if not, not complete either
    course: str = ""  # its name
    public_only: bool = False
    notebook: bool = False  # whether the exercise notebook was graded too
    only: str = ""  # what was asked for, if not the whole week: a module, a class or a check
    version: int = VERSION
    commit: str = ""
    time: str = ""  # ISO 8601, UTC
    submission_digest: str = ""
    checks_digest: str = ""
    duration: float = 0.0
    todos: list[Todo] = []
    notes: list[str] = []  # about the submission: extra files ignored, a file refused
    output: str = ""  # what the submission printed outside of checks


def finish(record: Record) -> Record:
    """Add up the points, in hundredths. Only `passed` counts, whatever else the checks say."""
    for check in record.checks:
        check.points = check.max_points if check.verdict is Verdict.PASSED else 0.0
    record.score = round(sum(check.points for check in record.checks), 2)
    record.max_score = round(sum(check.max_points for check in record.checks), 2)
    record.complete = not any(check.verdict in OUR_FAULT for check in record.checks)
    return record


def encode(record: Record) -> bytes:
    """The record as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def decode(data: bytes) -> Record:
    """The record in `data`.

    Raises:
        msgspec.DecodeError: it isn't JSON, or not a record of this version.
    """
    record = msgspec.json.decode(data, type=Record)
    if record.version != VERSION:
        raise msgspec.ValidationError(f"record version {record.version}, not {VERSION}")
    return record


def write_atomically(path: Path, data: bytes, private: bool = False) -> None:
    """Write all of `data` or nothing: temporary file, fsync, rename.

    What is no file, such as /dev/stdout or a link, stays what it is, and is written to.

    Args:
        private: readable by its owner alone, as is its folder if that isn't there yet.
    Raises:
        OSError: the disk is full, the folder can't be written; the old file stays.
    """
    if private:
        private_folder(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.write_bytes(data)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PARTIAL)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o600 if private else 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def private_folder(path: Path) -> Path:
    """The folder, made for its owner alone if it isn't there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    return path


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep a folder to one run at a time, and free of what a killed one left half-written.

    Raises:
        BlockingIOError: another run has it.
    """
    if sys.platform == "win32":  # no lock can be had on a folder
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)  # closed when this process ends, however it ends
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_partial(folder)
        yield
        remove_partial(folder)
    finally:
        os.close(descriptor)


def remove_partial(folder: Path) -> None:
    for path in folder.glob(f".*{PARTIAL}"):
        path.unlink(missing_ok=True)
