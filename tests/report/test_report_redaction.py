"""A student's report tells nothing of a hidden check but what is allowed."""

from __future__ import annotations

import base64
import io
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import check, filled, half_done, record
from rich.console import Console

from autograder.report import html, markdown, terminal
from autograder.report.redaction import for_student
from autograder.results import CheckResult, Glimpse, Record, Verdict, encode

ALLOWED = {"id", "title", "module", "max_points", "hidden", "verdict", "points", "hint", "mistake"}
ALLOWED |= {"waits_for", "example", "also"}  # a check's id; made from public numbers; as hint is
ALLOWED |= {"glimpse"}  # nothing of it is in a submission's words
LINE = "week_1/linear.py:31 in backward: return grad_out"
GLIMPSE = Glimpse("gradient of weight", "shape", "ValueError", LINE)
secrets = st.text("abcdefghijklmnopqrstuvwxyz", min_size=12, max_size=24).map("qzx".__add__)
numbers = st.integers(1000, 9999).map(lambda end: float(f"73313{end}"))


def with_secrets(secret: str, number: float, verdict: Verdict) -> Record:
    """A hidden check and a record that hold the secrets wherever they may be held."""
    hidden: CheckResult = filled(CheckResult, secret, number)
    hidden.hidden, hidden.verdict = True, verdict
    hidden.id, hidden.title, hidden.module = "test_x.py::test_hidden", "Hidden", "linear"
    hidden.hint, hidden.mistake, hidden.max_points = "Divide by N.", "not-averaged", 2.0
    hidden.waits_for, hidden.glimpse = "test_x.py::test_other", GLIMPSE
    hidden.example, hidden.also = None, {"doubled": "Once is enough."}
    return record(check(), hidden, output=secret, duration=number)


def all_reports(shown: Record) -> str:
    file = io.StringIO()
    console = Console(file=file, width=80)
    terminal.render(shown, console)
    terminal.class_table([shown], console)
    parts = [
        file.getvalue(),
        html.render(shown),
        html.render_class([shown]),
        markdown.render(shown),
        *markdown.annotations(shown),
        encode(shown).decode(),
    ]
    return "\n".join(parts)


@settings(max_examples=30, deadline=None)
@given(secrets, numbers, st.sampled_from(Verdict))
def test_no_secret_of_a_hidden_check_reaches_a_student(
    secret: str, number: float, verdict: Verdict
) -> None:
    shown = all_reports(for_student(with_secrets(secret, number, verdict)))
    assert secret not in shown
    assert base64.b64encode(secret.encode()).decode()[:12] not in shown
    assert "73313" not in shown
    assert "7.3313" not in shown


def test_the_same_secrets_do_reach_an_instructor() -> None:
    shown = all_reports(with_secrets("qzxabcdefghijkl", 733131234.0, Verdict.FAILED))
    assert "qzxabcdefghijkl" in shown
    assert base64.b64encode(b"qzxabcdefghijkl").decode()[:12] in shown
    assert "7.3313" in shown


@pytest.mark.parametrize(
    ("verdict", "glimpse", "message"),
    [
        (Verdict.ERROR, GLIMPSE, "Your code raised ValueError."),
        (Verdict.ERROR, None, "Your code raised an exception."),
        (Verdict.FAILED, GLIMPSE, "gradient of weight: its shape is wrong."),
        (Verdict.FAILED, Glimpse("p …", "accepted"), "p …: your code accepts it, and is to refuse"),
        (Verdict.FAILED, Glimpse("", "shape"), "Your code returned a wrong value."),
        (Verdict.FAILED, Glimpse("y", "of no kind"), "Your code returned a wrong value."),
        (Verdict.TIMEOUT, GLIMPSE, "Your code took too long."),
    ],
)
def test_glimpse_says_what_is_wrong_and_where(
    verdict: Verdict, glimpse: Glimpse | None, message: str
) -> None:
    hidden = check(
        hidden=True, verdict=verdict, glimpse=glimpse, traceback=["week_1/a.py:1 in b: c"]
    )
    (shown,) = for_student(record(hidden)).checks
    assert shown.message.startswith(message)
    assert ([glimpse.place] if glimpse and glimpse.place else []) == shown.traceback
    assert message in " ".join(all_reports(for_student(record(hidden))).split())


@pytest.mark.parametrize("verdict", Verdict)
def test_the_sentence_depends_on_the_verdict_alone(verdict: Verdict) -> None:
    one, other = (for_student(with_secrets(s, 733131234.0, verdict)) for s in ("qzxa", "qzxb"))
    assert one.checks[1].message == other.checks[1].message != ""


def test_every_field_that_is_not_allowed_has_its_default() -> None:
    hidden = for_student(with_secrets("qzxa", 733131234.0, Verdict.ERROR)).checks[1]
    empty = CheckResult(id="", title="", module="", max_points=0.0, hidden=True)
    for field in msgspec.structs.fields(CheckResult):
        if field.name not in ALLOWED | {"message", "traceback"}:
            assert getattr(empty, field.name) == getattr(hidden, field.name), field.name


def test_a_field_that_is_added_later_is_not_shown() -> None:
    class LaterCheck(CheckResult):
        inputs: str = ""

    hidden = LaterCheck(**msgspec.structs.asdict(check(hidden=True)), inputs="qzxsecret")
    assert b"qzxsecret" not in encode(for_student(record(hidden)))


def test_allowed_fields_stay() -> None:
    before = half_done()
    after = for_student(before)
    for old, new in zip(before.checks, after.checks, strict=True):
        for name in ALLOWED:
            assert getattr(old, name) == getattr(new, name)


def test_public_checks_stay_as_they_are_and_are_copies() -> None:
    before = half_done()
    after = for_student(before)
    failed = [c for c in before.checks if c.verdict is Verdict.FAILED and not c.hidden]
    for old in failed:
        new = next(c for c in after.checks if c.id == old.id)
        assert old == new
        assert old is not new


def test_without_hidden_checks_nothing_changes() -> None:
    before = half_done()
    before.checks = [one for one in before.checks if not one.hidden]
    assert before == for_student(before)


def test_the_original_record_is_not_changed() -> None:
    before = half_done()
    for_student(before)
    assert half_done() == before


def test_every_field_of_a_record_is_carried_over_or_left_out_on_purpose() -> None:
    full: Record = filled(Record, "words", 1.0)
    full.checks[0].hidden = True
    after = for_student(full)
    for field in msgspec.structs.fields(Record):
        if field.name not in {"checks", "output", "duration", "seal"}:
            assert getattr(full, field.name) == getattr(after, field.name), field.name
    assert (after.output, after.duration) == ("", 0.0)


def test_importing_the_reports_imports_neither_rich_nor_jinja2() -> None:
    program = (
        "import sys; from autograder.report import html, markdown, redaction, terminal; "
        "print({'rich', 'jinja2'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("set()\n", "")
