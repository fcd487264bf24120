"""Markdown for GitHub: nothing of a submission becomes markup, a link, a mention or a command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from report_samples import (
    check,
    filled,
    half_done,
    one_mistake_everywhere,
    record,
    two_mistakes,
    wrong_values,
)

from autograder.report import markdown
from autograder.report.redaction import for_student
from autograder.results import Record, Todo, Verdict

ATTACKS = [
    "a | b | c",
    "`` ` ``` ```` ~~~",
    "```\n# owned\n```",
    "<script>alert(1)</script><img src=x>",
    "<!-- -->\n\n# owned",
    "[link](http://evil.example) ![image](http://evil.example/x.png)",
    "<http://evil.example> http://evil.example www.evil.example",
    "@octocat @org/team a@b.example #12 GH-12 :tada:",
    "line\n| a |\n|---|\n- item\n> quote",
    "*bold* _it_ ~~gone~~ $x$ \\* &amp;",
    "[ref]: http://evil.example",
]


def tokens(source: str) -> list[Token]:
    """All tokens of a document, inline ones included."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return [t for block in parser.parse(source) for t in [block, *(block.children or [])]]


def structure(source: str) -> list[str]:
    return [token.type for token in tokens(source) if token.type not in ("text", "code_inline")]


def plain(source: str) -> str:
    return " ".join(token.content for token in tokens(source) if token.type == "text")


def test_report_shows_score_modules_and_what_is_wrong() -> None:
    source = markdown.render(half_done())
    assert source.startswith(
        "# Week 1: Basis\n\n`ada`: ███████░░░░░░░░░░░░░ **14 of 38 points** (36 %)"
    )
    assert "| linear | 2 of 8 checks passed | 4/16 |" in source
    assert "### ✗ failed: Linear: gradients of weight and bias, 0/2" in source
    assert "**grad of x:** shape (4, 5), expected (5, 4)" in source
    assert "> **Hint:** Your gradient is N times too large:" in source
    assert "week_1/linear.py:44 in _affine: return x @ self.weight.data.T" in source
    assert "- `week_1/losses.py:41` `BCELoss.forward` the mean" in source


def test_hidden_checks_are_marked() -> None:
    source = markdown.render(for_student(half_done()))
    assert "### ✗ failed: Linear: a batch of one (hidden), 0/2" in source


def test_a_hint_is_told_once_and_repeated_mistakes_are_counted() -> None:
    source = markdown.render(for_student(one_mistake_everywhere()))
    assert 1 == source.count("Divide by N.")
    assert "and 3 checks, 2 hidden: the same mistake, 0/6" in source
    assert 1 == source.count("###")


def test_passed_and_waiting_checks_have_no_section() -> None:
    one = record(check(), check(verdict=Verdict.NOT_ATTEMPTED), check(verdict=Verdict.SKIPPED))
    assert "###" not in markdown.render(one)


def test_our_fault_is_not_a_zero() -> None:
    assert "> [!WARNING]\n> Incomplete" in markdown.render(record(check(verdict=Verdict.NOT_RUN)))


def test_no_checks_at_all() -> None:
    assert "this week has no checks" in markdown.render(record())


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_field_changes_the_structure(attack: str) -> None:
    lines = attack.count("\n")  # a message of several lines is a block
    harmless: Record = filled(Record, "\n".join(["harmless"] * (lines + 1)), 9876.0)
    hostile: Record = filled(Record, attack, 9876.0)
    assert structure(markdown.render(harmless)) == structure(markdown.render(hostile))


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_field_becomes_a_link_or_a_mention(attack: str) -> None:
    source = markdown.render(filled(Record, attack, 1.0))
    assert not re.search(r"[@#]\w", plain(source))
    raw = re.sub(r"(`+).*?\1", "", source, flags=re.DOTALL)
    assert not re.search(r"https?:|www\.|GH-\d|:tada|<|\]\(", raw)


@settings(max_examples=60, deadline=None)
@given(st.text("ab`|<>[]()!*_~#@:\\&$-+=1. \n\t\r\x1b\u2028é", max_size=60))
@example("--")  # the end of a list's `- --`, which would be a rule
def test_any_text_stays_text(words: str) -> None:
    source = markdown.render(filled(Record, words, 1.0))
    unwanted = {"link_open", "image", "html_inline", "html_block", "em_open", "s_open", "hr"}
    assert not unwanted & set(structure(source))
    assert not re.search(r"[@#]\w", plain(source))


@settings(max_examples=100, deadline=None)
@given(st.text("ab` \\<&|*", max_size=30))
def test_a_code_span_holds_its_text_to_the_end(words: str) -> None:
    found = [t for t in tokens(f"x {markdown.code(words)} y") if t.type == "code_inline"]
    assert ([" ".join(words.split())] if words.split() else []) == [t.content for t in found]


@settings(max_examples=100, deadline=None)
@given(st.text("ab`~ \n#>", max_size=60))
def test_a_code_block_holds_its_text_to_the_end(words: str) -> None:
    found = tokens(markdown.block(words) + "\n")
    assert [token.type for token in found] == ["fence"]


def test_a_table_cell_holds_its_pipe() -> None:
    one = record(check(module="a|b\n|c|"))
    rows = [t for t in tokens(markdown.render(one)) if t.type == "td_open"]
    assert len(rows) == 3


def test_control_characters_become_visible() -> None:
    source = markdown.render(filled(Record, "\x1b[2J\u202e\ud800", 1.0))
    assert not set("\x1b\u202e\ud800") & set(source)
    source.encode()


def test_step_summary_is_appended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    markdown.append_step_summary("é one\n")
    markdown.append_step_summary("two\n")
    assert page.read_text(encoding="utf-8") == "é one\ntwo\n"


def test_step_summary_stays_below_githubs_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    markdown.append_step_summary("é" * 1_000_000)
    assert page.stat().st_size <= 1 << 20
    page.read_text(encoding="utf-8")


def test_outside_of_github_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    markdown.append_step_summary("nothing")


TRACE = ["week_1/linear.py:31 in forward: a", "week_1/linear.py:44 in _affine: b"]


def test_an_annotation_points_at_the_innermost_line() -> None:
    one = check("Linear: a, b", verdict=Verdict.ERROR, message="50 % wrong\nhere", traceback=TRACE)
    expected = (
        "::error file=week_1/linear.py,line=44,title=Linear%3A a%2C b::50 %25 wrong%0Ahere Divide."
    )
    one.hint = "Divide."
    assert [expected] == markdown.annotations(record(one))


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict": Verdict.PASSED},
        {"verdict": Verdict.NOT_ATTEMPTED},
        {"verdict": Verdict.SKIPPED},
        {"verdict": Verdict.GRADER_ERROR},
        {"verdict": Verdict.ERROR, "hidden": True},
        {"verdict": Verdict.ERROR, "traceback": []},
        {"verdict": Verdict.ERROR, "traceback": ["no place"]},
        {"verdict": Verdict.ERROR, "traceback": ["/etc/passwd.py:1 in f: x"]},
        {"verdict": Verdict.ERROR, "traceback": ["week_1/../../x.py:1 in f: x"]},
        {"verdict": Verdict.ERROR, "traceback": ["a,line=1::x.py:1 in f: x"]},
    ],
)
def test_no_annotation_without_a_wrong_public_check_and_a_place(fields: dict[str, Any]) -> None:
    assert markdown.annotations(record(check("x", **({"traceback": TRACE} | fields)))) == []


@given(st.text(max_size=80))
def test_an_annotation_is_one_line_and_one_command(words: str) -> None:
    one = check(words, verdict=Verdict.ERROR, message=words, traceback=TRACE)
    (line,) = markdown.annotations(record(one))
    assert len(line.splitlines() or [""]) == 1
    assert re.match(r"::error file=week_1/linear\.py,line=44,title=[^:,\r\n]*::", line)


def test_todo_names_cannot_leave_their_code_span() -> None:
    one = record(check(), todos=[Todo("a`b.py", 1, "`x` <b>", "text")])
    assert "- ``a`b.py:1`` `` `x` <b> `` text" in markdown.render(one)


def test_a_message_of_several_lines_is_a_block() -> None:
    one = record(check(verdict=Verdict.ERROR, message="first\nsecond"), public_only=True)
    assert "**What happened:**\n\n```text\nfirst\nsecond\n```" in markdown.render(one)
    assert "Public checks only" in markdown.render(one)


def test_many_wrong_arrays_are_counted() -> None:
    arrays = [wrong_values(label=f"array {number}") for number in range(6)]
    source = markdown.render(record(check(verdict=Verdict.FAILED, comparisons=arrays)))
    assert "**array 3:**" in source
    assert "… 2 more arrays differ" in source


def test_what_else_is_wrong_is_told_once_and_not_where_it_is_the_hint() -> None:
    source = markdown.render(for_student(two_mistakes()))
    assert "> **Hint:** Divide by N.\n\n> **Also:** Add the bias." in source
    assert 1 == source.count("Add the bias.")
    assert "**Also:** Keep the sign." not in source
