"""How the end of a check becomes a verdict."""

from __future__ import annotations

import re

from autograder.checking.threshold import NotCalibrated
from autograder.loading import MERGE_MARKERS, UNFINISHED_MERGE
from autograder.oracle.expected import NoOracle, OracleFailed
from autograder.parity.compare import CheckFailed
from autograder.results import Verdict
from autograder.sandbox.process import WorkerCrashed, WorkerNotStarted, WorkerTimeout
from autograder.sandbox.protocol import ProtocolError, clean
from autograder.sandbox.remote import StaleObject
from autograder.sandbox.session import RefusedModule, StudentError

# Ours, whatever a submission does: what we compute, start, have room for, or wrote wrongly.
OURS = (NoOracle, OracleFailed, NotCalibrated, StaleObject, WorkerNotStarted, OSError, MemoryError)

FRAME = re.compile(
    r"(?P<file>week_(?P<week>\d{1,4})/\w+\.py):(?P<line>\d+) in [^:]*: (?P<source>.*)", re.ASCII
)

BREAKPOINTS = frozenset({"BreakpointReached", "BdbQuit"})  # breakpoint(), pdb.set_trace()


class Skip(Exception):
    """The check is not run; with the verdict that it gets instead, and the check it waits for."""

    def __init__(self, verdict: Verdict, reason: str, waits_for: str = "") -> None:
        super().__init__(reason)
        self.verdict, self.waits_for = verdict, waits_for

    def raise_it(self, **_fixtures: object) -> None:
        raise self


def earlier_week(error: Exception, week: int) -> str:
    """What keeps a check of one's own run waiting for an earlier week, or an empty string.

    There are no solutions then: until its answers are out, an earlier week is the student's own.
    """
    frame = (
        FRAME.match(error.frames[-1]) if isinstance(error, StudentError) and error.frames else None
    )
    if frame is None or int(frame["week"]) >= week:
        return ""
    assert isinstance(error, StudentError)
    place = f"{frame['file']}:{frame['line']}"
    if error.not_attempted:
        name = error.message.rpartition(": ")[2] or frame["file"]
        return f"week {frame['week']}: {name} isn't written there yet ({place})"
    if "SyntaxError" in error.kinds:
        return f"week {frame['week']}, which isn't valid Python ({place}: {error.message})"
    return ""


def unfinished_merge(error: StudentError) -> str:
    """File and line of the marker that git left where two versions of a file differ, if any."""
    frame = error.frames[-1] if "SyntaxError" in error.kinds and error.frames else ""
    place, _, rest = frame.partition(" in ")
    return place if rest.partition(": ")[2].startswith(MERGE_MARKERS) else ""


def verdict_of(error: Exception, answered: bool = False, title: str = "") -> tuple[Verdict, str]:
    """The verdict that an exception stands for, and a sentence.

    A check draws the same for everybody, and the reference passes it: that is proven, by `verify`
    and before every class. What else can end it but a value that it was not written for?

    Args:
        answered: whether the check had got anything from the submission by then.
        title: of the check.
    """
    if isinstance(error, RefusedModule):
        return Verdict.ERROR, error.message
    if isinstance(error, StudentError):
        if place := unfinished_merge(error):
            return Verdict.ERROR, f"{place} {UNFINISHED_MERGE}"
        if BREAKPOINTS.intersection(error.kinds):
            return Verdict.ERROR, (
                "a breakpoint can't stop here, where nobody sits at a terminal. To debug this "
                f'check: make debug CHECK="{title}"'
            )
        if error.not_attempted:
            return Verdict.NOT_ATTEMPTED, error.message or "not written yet"
        kind = Verdict.MEMORY if "MemoryError" in error.kinds else Verdict.ERROR
        return kind, f"your code raised {error}"
    if isinstance(error, WorkerTimeout):
        place = error.frames[-1].partition(" in ")[0] if error.frames else ""
        where = f" It was at {place}." if place else ""
        return Verdict.TIMEOUT, f"no answer in time: is there a loop that never ends?{where}"
    if isinstance(error, WorkerCrashed):
        return Verdict.CRASHED, f"no answer: {error}"
    if isinstance(error, ProtocolError):
        return Verdict.CRASHED, f"the grader received {error}"
    if isinstance(error, (CheckFailed, AssertionError)):
        return Verdict.FAILED, str(error)
    if answered and not isinstance(error, OURS):
        reason = clean(f"{type(error).__name__}: {error}", 1000)
        return Verdict.FAILED, f"what your code gives is not what is checked here ({reason})"
    return Verdict.GRADER_ERROR, f"{type(error).__name__}: {error}"[:2000]
