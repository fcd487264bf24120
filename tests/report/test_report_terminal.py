"""The terminal's report: complete in 80 columns, without colour, whatever it is given."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import (
    check,
    filled,
    half_done,
    one_mistake_everywhere,
    record,
    small_class,
    two_mistakes,
    waiting_class,
    wrong_values,
)
from rich.cells import cell_len
from rich.console import Console

from autograder.report import terminal
from autograder.report.redaction import for_student
from autograder.report.summary import WAITING
from autograder.results import Record, Todo, Verdict
from course.config import Course, Week

ATTACKS = [
    "[red]x[/red] [/] [link=http://x]",
    ":smile:",
    "\x1b[2J\x1b]0;title\x07",
    "::error file=a::b",
    "##[error]b",
    "\u202egnp.exe",
    "\ud800",
    "a\rb\x08c",
    "字" * 300,
    "x" * 5000,
    "\n" * 300,
]


def shown(one: Record, width: int = 80) -> str:
    file = io.StringIO()
    terminal.render(one, Console(file=file, width=width))
    return file.getvalue()


def shown_class(records: list[Record], width: int = 80) -> str:
    file = io.StringIO()
    terminal.class_table(records, Console(file=file, width=width))
    return file.getvalue()


def words(output: str) -> str:
    """The output without bars and line breaks."""
    return " ".join(output.replace("│", " ").split())


def test_header_names_week_student_and_score() -> None:
    output = shown(half_done())
    assert "Week 1  Basis" in output
    assert "student ada" in output
    assert "14 of 38 points  36 %" in output


def test_a_module_that_passed_is_one_line() -> None:
    checks = [check(str(number), max_points=2.0) for number in range(7)]
    line = next(line for line in shown(record(*checks)).splitlines() if "linear" in line)
    assert line.split() == ["linear", "7", "checks", "passed", "14/14"]
    assert "✓" not in shown(record(*checks))


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - {Verdict.PASSED, *WAITING}))
def test_each_open_check_has_its_verdict_as_a_word(verdict: Verdict) -> None:
    output = words(shown(record(check(), check("Odd one", verdict=verdict, message="Because."))))
    word = {Verdict.MEMORY: "out of memory"}.get(verdict, verdict.replace("_", " "))
    assert f"{word} Odd one 0/2 Because." in output


def test_a_failed_check_says_what_is_wrong() -> None:
    one = check(
        verdict=Verdict.FAILED,
        comparisons=[wrong_values(diagnosis="a factor of 5"), wrong_values(passed=True, label="y")],
        hint="Divide by N.",
        traceback=["week_1/linear.py:31 in forward: return x"],
        output="debugging",
    )
    output = words(shown(record(one)))
    assert "grad of weight: 12 of 20 values are wrong" in output
    assert "[0, 3] expected 0.5, got 1.75; largest error 1.25, allowed 1e-10" in output
    assert "Hint: Divide by N." in output
    assert "at week_1/linear.py:31 in forward: return x" in output
    assert "Printed: debugging" in output
    assert " y: " not in output


def test_numbers_that_the_message_gives_are_not_repeated() -> None:
    message = "grad of weight: 12 of 20 values are wrong, most of all at [0, 3]: 1.75, expected 0.5"
    one = wrong_values(message=message)
    output = words(shown(record(check(verdict=Verdict.FAILED, comparisons=[one], message=message))))
    assert f"0/2 {message} largest error 1.25, allowed 1e-10 0/2 points" in output


def test_a_diagnosis_is_shown_where_there_is_no_hint() -> None:
    one = wrong_values(diagnosis="The sign is flipped.")
    guessed = shown(record(check(verdict=Verdict.FAILED, comparisons=[one])))
    known = shown(record(check(verdict=Verdict.FAILED, comparisons=[one], hint="Divide by N.")))
    assert "Diagnosis: The sign is flipped." in guessed
    assert "Diagnosis" not in known


def test_checks_that_wait_are_one_line_for_each_check_they_wait_for() -> None:
    output = words(shown(waiting_class()))
    assert "skipped 2 checks wait for “Linear: output”, 1 hidden 0/4" in output
    assert "skipped 1 check waits for “ReLU: output” 0/2" in output
    assert "Linear: gradient" not in output


def test_a_hint_is_told_once_and_repeated_mistakes_are_counted() -> None:
    output = words(shown(for_student(one_mistake_everywhere())))
    assert 1 == output.count("Divide by N.")
    assert "and 3 checks, 2 hidden: the same mistake 0/6" in output


def test_what_else_is_wrong_is_told_once_and_not_where_it_is_the_hint() -> None:
    output = words(shown(for_student(two_mistakes())))
    assert "Hint: Divide by N. Also: Add the bias. and 1 check: the same mistake" in output
    assert 1 == output.count("Add the bias.")
    assert 1 == output.count("Keep the sign.")
    assert "Hint: Keep the sign." in output


def test_untouched_stubs_are_a_list_of_todos() -> None:
    checks = [check(str(number), verdict=Verdict.NOT_ATTEMPTED) for number in range(3)]
    todos = [Todo("week_1/linear.py", 31, "Linear.forward", "the affine map")]
    output = words(shown(record(*checks, todos=todos)))
    assert "linear 3 checks not attempted 0/6" in output
    assert "To do (1) week_1/linear.py:31 Linear.forward the affine map" in output
    assert "Next: Fill in Linear.forward (week_1/linear.py:31)." in output


def test_next_step_points_at_the_line_of_the_exception() -> None:
    trace = ["week_1/linear.py:31 in forward: a", "week_1/linear.py:44 in _affine: b"]
    one = check("Linear: output", verdict=Verdict.ERROR, traceback=trace)
    assert "Next: Fix “Linear: output” (week_1/linear.py:44)" in shown(record(one))


def test_points_of_a_rehearsal_are_public_ones_and_no_share_of_the_week() -> None:
    output = shown(record(check(), public_only=True))
    assert "2 of 2 public points" in output
    assert "%" not in output


def test_grading_again_is_advice_for_a_rehearsal_alone() -> None:
    wrong = check(verdict=Verdict.FAILED)
    assert "then grade again" in shown(record(wrong, public_only=True))
    assert "then grade again" not in shown(record(wrong))


def test_one_error_is_told_once() -> None:
    """A syntax error fails every check of its file."""
    where = ["week_1/linear.py:31 in module: x = ("]
    broken = {"verdict": Verdict.ERROR, "message": "never closed", "traceback": where}
    output = words(shown(record(*(check(title, **broken) for title in ("A", "B", "C")))))
    assert 1 == output.count("never closed")
    assert "and 2 checks: the same error 0/4" in output


def test_three_todos_are_listed_and_the_others_counted() -> None:
    todos = [Todo("week_1/linear.py", line, f"Linear.f{line}", "") for line in range(1, 16)]
    output = words(shown(record(check(verdict=Verdict.NOT_ATTEMPTED), todos=todos)))
    assert "To do (15)" in output
    assert "Linear.f3" in output
    assert "Linear.f4" not in output
    assert "… and 12 more" in output


def test_input_stands_beside_the_wrong_value() -> None:
    wrong = wrong_values(given={"forward": -0.25, "backward": 1.5})
    output = words(shown(record(check(verdict=Verdict.FAILED, comparisons=[wrong]))))
    assert "there forward got -0.25, backward got 1.5" in output


def test_next_step_when_all_passed() -> None:
    assert "All checks pass." in shown(record(check()))
    assert "hidden checks run then" in shown(record(check(), public_only=True))


@pytest.mark.parametrize("verdict", [Verdict.GRADER_ERROR, Verdict.NOT_RUN])
def test_our_fault_is_not_a_zero(verdict: Verdict) -> None:
    output = words(shown(record(check(), check("Odd one", verdict=verdict))))
    assert "fault of the grader: tell your instructor. It isn't a zero." in output


def test_a_hidden_check_is_marked() -> None:
    assert "Linear: a batch of one [hidden]" in shown(for_student(half_done()))


def test_no_checks_at_all() -> None:
    assert "this week has no checks" in shown(record())


def test_a_pipe_gets_no_control_codes() -> None:
    assert "\x1b" not in shown(half_done()) + shown_class(small_class())


def test_no_color_leaves_out_colours_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    file = io.StringIO()
    terminal.render(half_done(), Console(file=file, width=80, force_terminal=True))
    codes = ";".join(re.findall(r"\x1b\[([\d;]*)m", file.getvalue()))
    assert set(codes.split(";")) <= {"0", "1", "2"}  # plain, bold, dim
    assert shown(half_done()) == re.sub(r"\x1b\[[\d;]*m", "", file.getvalue())


@pytest.mark.parametrize("width", [80, 60, 40])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    output = shown(half_done(), width) + shown_class(small_class(), width)
    assert max(map(cell_len, output.splitlines())) <= width


def test_wide_terminals_stay_readable() -> None:
    assert max(map(cell_len, shown(half_done(), 300).splitlines())) <= 100


def test_long_words_are_wrapped_and_not_cut_off() -> None:
    message = "".join(f"{number:04d}" for number in range(200))
    output = shown(record(check(verdict=Verdict.ERROR, message=message)))
    assert message in re.sub(r"[│\s]", "", output)


def test_long_output_says_how_much_is_left_out() -> None:
    one = check(verdict=Verdict.ERROR, output="\n".join(map(str, range(100))))
    assert "… 92 more lines" in shown(record(one))


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_strings_are_shown_as_text(attack: str) -> None:
    hostile: Record = filled(Record, attack, float("nan") if "red" in attack else 3.0)
    output = shown(hostile) + shown_class([hostile])
    assert max(map(cell_len, output.splitlines())) <= 80
    assert not set("\x1b\x07\x08\r\u202e\ud800") & set(output)
    assert not any(line.lstrip().startswith("::") for line in output.splitlines())
    assert "##[" not in output


@pytest.mark.parametrize("passed", [True, False])
def test_what_a_passing_check_printed_is_shown_and_escaped(passed: bool) -> None:
    """Beside checks that didn't pass, and where all of a module did."""
    printed = check(output="x is [red]3[/red]\x1b[2J\n")
    others = [] if passed else [check("Linear: gradient", verdict=Verdict.FAILED)]
    text = shown(record(printed, *others))
    assert "Linear: output printed:" in text
    assert "x is [red]3[/red]\\x1b[2J" in text


def test_markup_and_emoji_codes_stay_literal() -> None:
    message = "[red]x[/red] [/] :smile:"
    assert message in shown(record(check(verdict=Verdict.ERROR, message=message)))


def test_control_characters_become_visible() -> None:
    output = shown(record(check(verdict=Verdict.ERROR, message="a\x1b[2Jb\u202ec")))
    assert r"a\x1b[2Jb\u202ec" in output


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=120), st.integers(30, 120))
def test_any_text_fits(attack: str, width: int) -> None:
    hostile: Record = filled(Record, attack, 3.0)
    output = shown(hostile, width) + shown_class([hostile], width)
    assert max(map(cell_len, output.splitlines())) <= width
    output.encode()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_pipe_without_unicode_gets_plain_signs(encoding: str) -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(file=file, width=80)
    terminal.render(half_done("Жанна"), console)
    terminal.class_table(small_class(), console)
    file.flush()
    output = raw.getvalue().decode(encoding)
    assert "x failed" in output
    assert r"\u0416" in output


def test_class_table_shows_each_student_and_the_misconceptions() -> None:
    output = shown_class(small_class())
    row = next(line for line in output.splitlines() if "ada" in line)
    assert row.split()[:5] == ["ada", "14/38", "7", "7", "3"]
    assert row.split()[5] == "2"
    found = words(output[output.index("Misconceptions") :])
    expected = "2 students linear-bias-axis ada, barbara Sum over the batch axis and keep"
    assert expected in found


def test_class_table_flags_incomplete_results() -> None:
    nothing = record(student="bob", notes=["no file of week 1 found"], found=False)
    nothing.complete = False
    output = shown_class([*small_class(), nothing])
    assert next(line for line in output.splitlines() if " incomplete" in line).startswith(" kay")
    assert next(line for line in output.splitlines() if " nothing found" in line).startswith(" bob")
    assert "these are no zeros" in output
    assert "kay: the grader failed on a check" in output
    assert "bob: no file of week 1 found" in output


def test_class_table_tells_the_notes_of_who_lost_points() -> None:
    note = "linear.py is a link: not read"
    lost = record(check("a", verdict=Verdict.FAILED), check("b"), student="bob", notes=[note])
    perfect = record(check("a"), check("b"), student="grace", notes=["an empty folder"])
    output = shown_class([lost, perfect])
    assert "Notes: points may have been lost by a mishap." in output
    assert f"bob: {note}" in output
    assert "an empty folder" not in output


def test_class_table_says_once_what_is_the_same_for_several() -> None:
    looked = "no file of week 1 found; looked for linear.py"
    rows = []
    for name in ("bob", "cyd"):
        rows.append(record(student=name, notes=[looked, f"saw {name}.py"], found=False))
        rows[-1].complete = False
    output = words(shown_class([*small_class(), *rows]))
    assert 1 == output.count(looked)
    assert f"2 submissions: {looked}" in output
    assert "bob: saw bob.py" in output
    assert "cyd: saw cyd.py" in output


def test_class_table_names_what_was_skipped() -> None:
    file = io.StringIO()
    terminal.class_table([], Console(file=file, width=80), ["old: a link", ".git: hidden"])
    assert "Skipped\n  │ old: a link\n  │ .git: hidden\n" in file.getvalue()


def weeks_of(*weeks: Week, width: int = 80) -> str:
    file = io.StringIO()
    course = Course(Path(), "Deep learning", {week.number: week for week in weeks})
    terminal.weeks_table(course, Console(file=file, width=width))
    return file.getvalue()


def test_weeks_are_listed_in_order_with_all_that_is_said_of_them() -> None:
    topics = ("SGD with momentum", "Adam", "dropout", "embedding", "positional encoding")
    third = Week(3, "Optimizers, embedding", topics, "accuracy with different optimizers", {})
    output = weeks_of(third, Week(1, "[red]Basis[/red]", (), "compare NumPy with torch", {}))
    assert output.startswith("Deep learning\n")
    assert all(cell_len(line) <= 80 for line in output.splitlines())
    assert re.search(r"^ *1 +\[red\]Basis\[/red\] +compare NumPy", output, re.MULTILINE)
    assert output.index("[red]Basis") < output.index("Optimizers,")
    said = " ".join((*topics, third.title, third.exercise)).split()
    assert not [word for word in said if word not in output]


def test_an_empty_class() -> None:
    assert "Student" in shown_class([])


def test_many_wrong_arrays_are_counted() -> None:
    arrays = [wrong_values(label=f"array {number}", got_dtype="int64") for number in range(6)]
    output = shown(record(check(verdict=Verdict.FAILED, comparisons=arrays), public_only=True))
    assert "array 3:" in output
    assert "array 4:" not in output
    assert "… 2 more arrays differ" in output
    assert "dtype: expected float64, got int64" in output
    assert "Public checks only" in output
