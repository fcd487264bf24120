"""What every renderer wants to know about a record: per module, what to do next, per class."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from autograder.report import text
from autograder.results import OUR_FAULT, CheckResult, Comparison, Record, Todo, Verdict

FAULT_NOTICE = (
    "Incomplete: a part of this week could not be graded. This is a fault of the grader: "
    "tell your instructor. It isn't a zero."
)
NOTHING_NOTICE = (
    "Nothing found: none of this week's files is in what was handed in. The notes say where they "
    "were looked for. This isn't a score yet: hand them in again."
)
WAITING = frozenset({Verdict.NOT_ATTEMPTED, Verdict.SKIPPED})


class Mark(NamedTuple):
    """How a verdict is shown. The word is always there: no one has to see colours."""

    symbol: str
    plain: str  # the symbol where only ASCII can be written
    word: str
    kind: str  # good, bad, todo or fault: chooses the colour


MARKS = {
    Verdict.PASSED: Mark("✓", "+", "passed", "good"),
    Verdict.FAILED: Mark("✗", "x", "failed", "bad"),
    Verdict.NOT_ATTEMPTED: Mark("○", "o", "not attempted", "todo"),
    Verdict.ERROR: Mark("!", "!", "error", "bad"),
    Verdict.TIMEOUT: Mark("!", "!", "timeout", "bad"),
    Verdict.MEMORY: Mark("!", "!", "out of memory", "bad"),
    Verdict.CRASHED: Mark("!", "!", "crashed", "bad"),
    Verdict.SKIPPED: Mark("-", "-", "skipped", "todo"),
    Verdict.GRADER_ERROR: Mark("?", "?", "grader error", "fault"),
    Verdict.NOT_RUN: Mark("?", "?", "not run", "fault"),
}


class ModuleChecks(msgspec.Struct, frozen=True):
    """The checks of one module of a week."""

    name: str
    checks: list[CheckResult] = []

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> float:
        return sum(check.max_points for check in self.checks)

    def having(self, *verdicts: Verdict) -> list[CheckResult]:
        return [check for check in self.checks if check.verdict in verdicts]

    def in_words(self) -> str:
        """9 checks passed; 3 of 9 checks passed; 9 checks not attempted."""
        counts = Counter(check.verdict for check in self.checks)
        total = text.count(len(self.checks), "check")
        if len(counts) == 1:
            return f"{total} {MARKS[self.checks[0].verdict].word}"
        return f"{counts[Verdict.PASSED]} of {total} passed"


def modules(record: Record) -> list[ModuleChecks]:
    """The record's modules in the order in which their first checks come."""
    found: dict[str, ModuleChecks] = {}
    for check in record.checks:
        found.setdefault(check.module, ModuleChecks(check.module)).checks.append(check)
    return list(found.values())


_NUMBER = re.compile(r"\d[\d.e+-]*\d|\d")
_FRAME = re.compile(r"(?P<file>\w[\w./-]*\.py):(?P<line>[1-9]\d{0,8}) in [^:]*:", re.ASCII)

_NOT_THEIRS = re.compile(r"(?:^|/)given/")


def location(check: CheckResult) -> tuple[str, int] | None:
    """File and line of the innermost frame in a file of the student's; else of any below the root.

    What students didn't write, such as `given`, only says what is wrong with how it was called.
    """
    matches = [_FRAME.match(frame) for frame in reversed(check.traceback)]
    found = [match for match in matches if match and ".." not in match["file"]]
    own = [match for match in found if not _NOT_THEIRS.search(match["file"])]
    for match in own or found:
        return match["file"], int(match["line"])
    return None


def state(record: Record) -> str:
    """How an incomplete record is called."""
    return "incomplete" if record.found else "nothing found"


def out_of(record: Record) -> str:
    """What the points are out of: of a rehearsal, the public ones; the week has more."""
    maximum = text.points(record.max_score)
    return f"{maximum} public points" if record.public_only else f"{maximum} points"


def percent(record: Record) -> str:
    """The part of the points, where all of the week's checks were run."""
    whole = not record.public_only
    return text.percent(text.share(record.score, record.max_score)) if whole else ""


def notice(record: Record) -> str:
    """What an incomplete record means to its student."""
    return FAULT_NOTICE if record.found else NOTHING_NOTICE


def next_step(record: Record) -> str:
    """One sentence: what to do now."""
    if not record.found:
        return "Put the week's files where the notes say, and hand in again."
    if not record.checks and not record.complete:
        return "Tell your instructor that the grader failed: this isn't a zero."
    if not record.checks:
        return "Nothing was graded: this week has no checks."
    faults = [check for check in record.checks if check.verdict in OUR_FAULT]
    if faults:
        checks = text.count(len(faults), "check")
        return f"Tell your instructor that the grader failed on {checks}. The other results stand."
    open_checks = [c for c in record.checks if c.verdict is not Verdict.PASSED]
    if not open_checks:
        if record.only:
            return f"{text.one_line(record.only)} passes. Grade the whole week: without ONLY."
        if record.public_only:
            return "All public checks pass. Hand in: the hidden checks run then."
        return "All checks pass. Nothing is left to do."
    again = ", then grade again" if record.public_only else ""  # after the deadline nobody can
    tried = [check for check in open_checks if check.verdict not in WAITING]
    if tried:
        return _fix(min(tried, key=lambda check: check.hidden), again)
    return _fill_in(record.todos, open_checks[0], again)


def _fix(check: CheckResult, again: str) -> str:
    place = location(check) if not check.hidden else None
    where = f" ({place[0]}:{place[1]})" if place else ""
    return f"Fix “{text.one_line(check.title)}”{where}{again}."


def _fill_in(todos: list[Todo], check: CheckResult, again: str) -> str:
    if not todos and check.verdict is Verdict.SKIPPED and not check.waits_for and check.message:
        return (
            f"Hand in: the rest waits for {text.one_line(check.message)}. "
            "In grading the reference stands in its place."
        )
    if not todos:
        return f"Fill in what “{text.one_line(check.title)}” needs{again}."
    todo = todos[0]
    return f"Fill in {text.one_line(todo.name)} ({text.one_line(todo.file)}:{todo.line})."


def failing(check: CheckResult) -> list[Comparison]:
    return [comparison for comparison in check.comparisons if not comparison.passed]


def says_more(check: CheckResult) -> bool:
    """Whether the check's message tells more than its comparisons do.

    That of a failed check is their messages in a row, perhaps cut off.
    """
    said = "; ".join(comparison.message for comparison in failing(check))
    return bool(check.message) and check.message not in said


def message(comparison: Comparison) -> str:
    """What is wrong, without the label that every report shows before it."""
    return comparison.message.removeprefix(f"{comparison.label}: ")


def place(comparison: Comparison) -> str:
    """The index of the largest error, as one writes it behind an array: [0, 3]."""
    return str(comparison.where) if comparison.where else ""


def given(comparison: Comparison) -> str:
    """What calls were given at the largest error: there forward got -0.3."""
    parts = [f"{name} got {text.number(value)}" for name, value in comparison.given.items()]
    return f"there {', '.join(parts)}" if parts else ""


def facts(comparison: Comparison) -> list[str]:
    """The numbers of a failed comparison as short phrases, without those its message gives."""
    said = set(_NUMBER.findall(comparison.message))
    new = [fact for fact in _all_facts(comparison) if not said.issuperset(_NUMBER.findall(fact))]
    return [*new, *filter(None, [given(comparison)])]


def _all_facts(comparison: Comparison) -> Iterator[str]:
    if not comparison.got_dtype:  # no array came
        return
    if comparison.expected_shape != comparison.got_shape:
        expected, got = text.shape(comparison.expected_shape), text.shape(comparison.got_shape)
        yield f"shape: expected {expected}, got {got}"
    if comparison.expected_dtype != comparison.got_dtype:
        yield f"dtype: expected {comparison.expected_dtype}, got {comparison.got_dtype}"
    if comparison.wrong and comparison.size > 1:
        yield f"{comparison.wrong} of {text.count(comparison.size, 'element')} wrong"
    if comparison.expected_value is not None or comparison.got_value is not None:
        expected, got = text.pair(comparison.expected_value, comparison.got_value)
        yield f"{place(comparison)} expected {expected}, got {got}".lstrip()
    if comparison.max_error is not None:
        error = f"largest error {text.number(comparison.max_error)}"
        allowed = comparison.tolerance is not None
        yield error + (f", allowed {text.number(comparison.tolerance)}" if allowed else "")
