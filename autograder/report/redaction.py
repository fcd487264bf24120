"""What a student may know of a hidden check.

Everything is built up from what is allowed: a field that is added to a record later stays out of
the student's reports until it is listed here.

What a *public* check shows is left alone. So a submission must never meet a hidden input before
a public check has ended: it could keep the input and print it there.
"""

from __future__ import annotations

import copy

from autograder.results import FAILURES, CheckResult, Glimpse, Record, Verdict

NEUTRAL = {
    Verdict.PASSED: "Your code passed this hidden check.",
    Verdict.FAILED: "Your code returned a wrong value.",
    Verdict.NOT_ATTEMPTED: "This part is still to be filled in.",
    Verdict.ERROR: "Your code raised an exception.",
    Verdict.TIMEOUT: "Your code took too long.",
    Verdict.MEMORY: "Your code needed too much memory.",
    Verdict.CRASHED: "Your code ended the Python process.",
    Verdict.SKIPPED: "A check that this one needs did not pass.",
    Verdict.GRADER_ERROR: "The grader failed here. Tell your instructor: this isn't a zero.",
    Verdict.NOT_RUN: "The grader didn't get here. Tell your instructor: this isn't a zero.",
}

HIDDEN = "The inputs are hidden: try shapes and values of your own."
KINDS = {
    "missing": "it isn't there, or is no array",
    "shape": "its shape is wrong",
    "dtype": "its dtype is wrong",
    "nan": "it holds NaN or infinity where none is expected",
    "values": "it isn't what is expected",
    "accepted": "your code accepts it, and is to refuse it",
}


def for_student(record: Record) -> Record:
    """A copy of `record` that tells no value, text, picture or timing of a hidden check."""
    any_hidden = any(check.hidden for check in record.checks)
    checks = [_redact(check) if check.hidden else copy.deepcopy(check) for check in record.checks]
    return Record(
        week=record.week,
        title=record.title,
        student=record.student,
        checks=checks,
        id=record.id,
        score=record.score,
        max_score=record.max_score,
        complete=record.complete,
        found=record.found,
        course=record.course,
        public_only=record.public_only,
        notebook=record.notebook,
        only=record.only,
        version=record.version,
        commit=record.commit,
        time=record.time,
        submission_digest=record.submission_digest,
        checks_digest=record.checks_digest,
        duration=0.0 if any_hidden else record.duration,  # it holds the hidden checks' time
        todos=list(record.todos),
        notes=list(record.notes),
        output="" if any_hidden else record.output,  # it may quote hidden inputs
    )


def _redact(check: CheckResult) -> CheckResult:
    return CheckResult(
        id=check.id,
        title=check.title,
        module=check.module,
        max_points=check.max_points,
        hidden=True,
        verdict=check.verdict,
        points=check.points,
        message=sentence(check),
        waits_for=check.waits_for,
        hint=check.hint,
        mistake=check.mistake,
        also=dict(check.also),
        glimpse=check.glimpse,  # nothing of it is in a submission's words
        traceback=[check.glimpse.place] if check.glimpse and check.glimpse.place else [],
        example=check.example,  # made from public numbers, in a worker that met no others
    )


def sentence(check: CheckResult) -> str:
    """What happened, without a value."""
    if check.verdict not in FAILURES:
        return NEUTRAL[check.verdict]
    known = check.glimpse or Glimpse()
    if check.verdict is Verdict.ERROR and known.error:
        return f"Your code raised {known.error}. {HIDDEN}"
    if check.verdict is Verdict.FAILED and known.label and known.problem in KINDS:
        return f"{known.label}: {KINDS[known.problem]}. {HIDDEN}"
    return f"{NEUTRAL[check.verdict]} {HIDDEN}"
