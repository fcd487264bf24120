"""What a class got right and what it misunderstood, counted over its records of one week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from autograder.report import text
from autograder.report.summary import MARKS
from autograder.results import OUR_FAULT, CheckResult, Record, Verdict

CLASS = 10  # submissions: of fewer, each mistake is shown


class Misconception(msgspec.Struct):
    """A mistake of the catalogue and whose submissions show it."""

    id: str
    hint: str
    students: list[str] = []


def is_rare(one: Misconception, records: Sequence[Record]) -> bool:
    """Whether only one of a class made the mistake: it says nothing of the class."""
    return len(one.students) == 1 and len(records) >= CLASS


class CheckShare(msgspec.Struct):
    """A check and how many of the submissions that were graded on it passed."""

    check: CheckResult
    passed: int = 0
    graded: int = 0

    @property
    def share(self) -> float:
        return text.share(self.passed, self.graded)


def mistakes(record: Record) -> dict[str, str]:
    """The hints of the mistakes that were recognised in one submission, by their ids."""
    own = {check.mistake: check.hint for check in record.checks if check.mistake}
    return own | {id: hint for check in record.checks for id, hint in check.also.items()}


def misconceptions(records: Sequence[Record]) -> list[Misconception]:
    """Every mistake that was recognised, the most frequent first."""
    found: dict[str, Misconception] = {}
    for record in records:
        for name, hint in mistakes(record).items():
            found.setdefault(name, Misconception(name, hint)).students.append(record.student)
    return sorted(found.values(), key=lambda one: (-len(one.students), one.id))


def check_shares(records: Sequence[Record]) -> list[CheckShare]:
    """Every check in the order of the records. Our own faults don't count against it."""
    found: dict[str, CheckShare] = {}
    for check in (check for record in records for check in record.checks):
        share = found.setdefault(check.id, CheckShare(check))
        share.passed += check.verdict is Verdict.PASSED
        share.graded += check.verdict not in OUR_FAULT
    return list(found.values())


def kinds(record: Record) -> Counter[str]:
    """How many checks are good, bad, todo and fault."""
    return Counter(MARKS[check.verdict].kind for check in record.checks)


def may_be_a_mishap(record: Record) -> bool:
    """Whether a submission lost points, and a note may tell why: files that could not be read."""
    return record.complete and record.score < record.max_score and bool(record.notes)
