"""The report as GitHub's Markdown, and GitHub's annotations.

A text that comes from a submission stands in a code span, a code block, or has every character
that means something to Markdown or GitHub written as a numeric entity, which means nothing to it.
"""

# Without the __future__ import of the other files: `annotations` is a function here.

import os
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.report import summary, text
from autograder.report.plan import Detail, details, in_words, same_cause
from autograder.results import Comparison, Record

COMPARISONS, TRACEBACK_LINES, TODOS, OUTPUT_LINES, CHARACTERS = 4, 6, 3, 20, 2000
SUMMARY_BYTES = 1_000_000  # GitHub refuses a summary of more than 1 MiB
# What means something inside a line, or begins a block there: `- --` is a rule. The last three
# make addresses, emoji and issues of words: http://, :name:, www., GH-1.
_ACTIVE = re.compile(r"[\\`*_\[\]<>#|~&@$]|^[-+=]|:(?! )|(?<=www)\.|(?<=gh)-(?=\d)", re.IGNORECASE)


def escape(words: str, limit: int = CHARACTERS) -> str:
    """`words` on one line as plain text: no markup, link, mention, HTML or end of a table cell."""
    return _ACTIVE.sub(_entity, text.one_line(words, limit))


def _entity(match: re.Match[str]) -> str:
    # GitHub looks for mentions and issues after it has resolved entities: part @ and # from
    # the name with a character of no width.
    return f"&#{ord(match[0])};" + ("&#8203;" if match[0] in "@#" else "")


def code(words: str, limit: int = 200) -> str:
    """`words` on one line as a code span, with a fence longer than any in it. Not for tables."""
    line = text.one_line(words, limit)
    fence = _fence(line, 1)
    edge = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{edge}{line}{edge}{fence}" if line else ""


def block(words: str) -> str:
    """`words` as a code block, shortened, with a fence longer than any in it."""
    kept = text.shorten(words, OUTPUT_LINES, CHARACTERS)
    fence = _fence(kept, 3)
    return f"{fence}text\n{kept}\n{fence}"


def _fence(words: str, shortest: int) -> str:
    longest = max(map(len, re.findall("`+", words)), default=0)
    return "`" * max(longest + 1, shortest)


def render(record: Record) -> str:
    """The report of one submission. Redact it first if a student may read it."""
    parts = [*_header(record), _modules(record)]
    for module in summary.modules(record):
        for detail in details(module.checks):
            parts += _detail(detail)
    parts += _rest(record)
    return "\n\n".join(part for part in parts if part) + "\n"


def append_step_summary(words: str) -> None:
    """Append to GitHub's page of the job; outside of GitHub Actions do nothing.

    Raises:
        OSError: the file that GITHUB_STEP_SUMMARY names can't be written.
    """
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if name:
        data = words.encode()[:SUMMARY_BYTES]
        with Path(name).open("ab") as file:
            file.write(data.decode(errors="ignore").encode())


def annotations(record: Record) -> list[str]:
    """A workflow command for each wrong public check whose traceback names a line."""
    found = []
    for check in record.checks:
        place = summary.location(check)
        if place and summary.MARKS[check.verdict].kind == "bad" and not check.hidden:
            words = " ".join(filter(None, (check.message, check.hint)))
            where = f"file={_property(place[0])},line={place[1]}"
            title = _property(text.one_line(check.title))
            message = _data(text.shorten(words, OUTPUT_LINES, CHARACTERS))
            found.append(f"::error {where},title={title}::{message}")
    return found


def _data(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")


def _header(record: Record) -> Iterator[str]:
    part = text.share(record.score, record.max_score)
    filled = int(20 * part)
    bar = "█" * filled + "░" * (20 - filled)
    yield f"# Week {record.week}: {escape(record.title)}"
    score = f"{text.points(record.score)} of {summary.out_of(record)}"
    percent = f" ({summary.percent(record)})" if summary.percent(record) else ""
    yield f"{code(record.student)}: {bar} **{score}**{percent}"
    if not record.complete:
        yield f"> [!WARNING]\n> {summary.notice(record)}"
    if record.public_only:
        yield "Public checks only: the hidden ones run when you hand in."
    yield f"**Next:** {escape(summary.next_step(record))}"


def _modules(record: Record) -> str:
    lines = ["| module | checks | points |", "|---|---|--:|"]
    for module in summary.modules(record):
        points = text.score(module.points, module.max_points)
        lines.append(f"| {escape(module.name)} | {module.in_words()} | {points} |")
    return "\n".join(lines) if record.checks else ""


def _detail(detail: Detail) -> Iterator[str]:
    check = detail.check
    mark = summary.MARKS[check.verdict]
    hidden = " (hidden)" if check.hidden else ""
    points = text.score(check.points, check.max_points)
    yield f"### {mark.symbol} {mark.word}: {escape(check.title)}{hidden}, {points}"
    if summary.says_more(check):
        yield from _message(check.message)
    failing = summary.failing(check)
    for one in failing[:COMPARISONS]:
        yield from _comparison(one, diagnosed=not check.hint)
    if len(failing) > COMPARISONS:
        yield f"… {text.count(len(failing) - COMPARISONS, 'more array')} differ"
    if detail.hint:
        yield f"> **Hint:** {escape(detail.hint)}"
    for hint in detail.also.values():
        yield f"> **Also:** {escape(hint)}"
    if detail.example:
        yield f"**Smallest case that goes wrong:** {escape(in_words(detail.example))}"
        yield escape(detail.example.scope)
        yield block(detail.example.program)
    if check.traceback:
        lines = [text.one_line(frame) for frame in check.traceback[-TRACEBACK_LINES:]]
        yield block("\n".join(lines))
    if check.output:
        yield "Printed:"
        yield block(check.output)
    if detail.repeats:
        points = text.score(0.0, sum(repeat.max_points for repeat in detail.repeats))
        yield f"{same_cause(detail)}, {points}"


def _message(words: str) -> Iterator[str]:
    if "\n" in words.strip():
        yield "**What happened:**"
        yield block(words)
    else:
        yield f"**What happened:** {escape(words)}"


def _comparison(one: Comparison, diagnosed: bool) -> Iterator[str]:
    yield f"**{escape(one.label)}:** {escape(summary.message(one))}"
    yield escape("; ".join(summary.facts(one)))
    if one.diagnosis and diagnosed:
        yield f"**Diagnosis:** {escape(one.diagnosis)}"


def _rest(record: Record) -> Iterator[str]:
    if record.todos:
        yield f"## To do ({len(record.todos)})"
        yield "\n".join(
            f"- {code(f'{todo.file}:{todo.line}')} {code(todo.name)} {escape(todo.text)}"
            for todo in record.todos[:TODOS]
        )
        if len(record.todos) > TODOS:
            yield f"… and {len(record.todos) - TODOS} more"
    if record.notes:
        yield "## Notes"
        yield "\n".join(f"- {escape(note)}" for note in record.notes)
    if record.output:
        yield "## Printed outside of the checks"
        yield block(record.output)
