"""The report in a terminal, for one submission and for a class; and the weeks of a course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.report import class_summary, summary, text
from autograder.report.plan import Detail, Group, in_words, plan, same_cause
from autograder.results import CheckResult, Record, Verdict

if TYPE_CHECKING:
    from rich.console import Console

    from autograder.report.console import Page
    from course.config import Course

COMPARISONS, TRACEBACK_LINES, TODOS = 4, 6, 3
OUTPUT_LINES, CHARACTERS = 8, 1200
PROGRAM_LINES, PROGRAM_CHARACTERS = 40, 1600


def render(record: Record, console: Console) -> None:
    """Print the report of one submission."""
    from autograder.report.console import Page

    page = Page(console)
    _header(record, page)
    for module in summary.modules(record):
        _module(module, record, page)
    _todos(record, page)
    _notes(record, page)
    page.gap()
    page.line((text.score(record.score, record.max_score), "bold"), " points")
    page.line(("Next: ", "bold"), summary.next_step(record))


def class_table(records: Sequence[Record], console: Console, skipped: Sequence[str] = ()) -> None:
    """Print one line for each submission, what kept some from being graded, what was skipped,
    and what the class misunderstood."""
    from autograder.report.console import Page

    page = Page(console)
    headers = ["Student", "Score", "Pass", "Fail", "To do", "Mistakes", ""]
    page.table(headers, [_class_row(record, page) for record in records], numeric=5, bars=True)
    open_records = [record for record in records if not record.complete]
    if open_records:
        page.line(("Incomplete, or with nothing found", "magenta"), ": these are no zeros.")
    first = Counter(note for record in open_records for note in record.notes[:1])
    shared = [note for note, times in first.items() if times > 1]
    for note in shared:
        said = text.one_line(note, CHARACTERS)
        page.quote(said, label=f"{first[note]} submissions: ", indent=2)
    for record in open_records:
        own = record.notes[1:] if set(record.notes[:1]) & set(shared) else record.notes
        words = "; ".join(own) or ("the same" if record.notes else "the grader failed on a check")
        student = text.one_line(record.student, 60)
        page.quote(text.one_line(words, CHARACTERS), label=f"{student}: ", indent=2)
    mishaps = [record for record in records if class_summary.may_be_a_mishap(record)]
    if mishaps:
        page.line(("Notes", "bold"), ": points may have been lost by a mishap.")
    for record in mishaps:
        student = text.one_line(record.student, 60)
        words = text.one_line("; ".join(record.notes), CHARACTERS)
        page.quote(words, label=f"{student}: ", indent=2)
    if skipped:
        page.line(("Skipped", "bold"))
    for words in skipped:
        page.quote(text.one_line(words), indent=2)
    found = class_summary.misconceptions(records)
    if found:
        page.line(("Misconceptions", "bold"))
    for one in found:
        students = text.count(len(one.students), "student")
        page.line((students, "bold"), f"  {text.one_line(one.id, 60)}")
        page.quote(", ".join(text.one_line(name, 60) for name in one.students), indent=2)
        page.quote(text.one_line(one.hint, CHARACTERS), "cyan", indent=2)


def weeks_table(course: Course, console: Console) -> None:
    """Print what each week of a course is about."""
    from autograder.report.console import Page

    page = Page(console)
    page.line((text.one_line(course.name), "bold"))
    rows = [
        [str(week.number), week.title, ", ".join(week.topics), week.exercise]
        for _, week in sorted(course.weeks.items())
    ]
    page.table(["Week", "Title", "Topics", "Exercise"], rows, numeric=0)


def _header(record: Record, page: Page) -> None:
    part = text.share(record.score, record.max_score)
    points = f"{text.points(record.score)} of {summary.out_of(record)}"
    page.line((f"Week {record.week}  {text.one_line(record.title)}", "bold"))
    page.line("student ", (text.one_line(record.student, 60), "bold"))
    page.line(page.bar(part, 40), "  ", (points, "bold"), f"  {summary.percent(record)}")
    if record.public_only:
        page.line("Public checks only: the hidden ones run when you hand in.")
    if not record.complete:
        page.quote(summary.notice(record), "magenta", indent=0)


def _module(module: summary.ModuleChecks, record: Record, page: Page) -> None:
    page.gap()
    points = text.score(module.points, module.max_points)
    page.row((text.one_line(module.name), "bold"), (module.in_words(), "bold"), (points, "bold"), 0)
    alike = {check.verdict for check in module.checks} in (
        {Verdict.PASSED},
        {Verdict.NOT_ATTEMPTED},
    )
    for item in plan(module, record):
        if isinstance(item, Group):
            mark = page.mark(summary.MARKS[item.verdict])
            if not alike:
                page.row(mark, (item.words, "dim"), (_points(item.checks), "dim"))
            _prints(item.checks, page)
        else:
            detail(item, page)


def detail(detail: Detail, page: Page) -> None:
    check = detail.check
    title = text.one_line(check.title) + (" [hidden]" if check.hidden else "")
    page.row(page.mark(summary.MARKS[check.verdict]), title, _points([check]))
    if summary.says_more(check):
        page.quote(text.shorten(check.message, OUTPUT_LINES, CHARACTERS))
    _comparisons(check, page)
    if detail.hint:
        page.quote(text.one_line(detail.hint, CHARACTERS), "cyan", label="Hint: ")
    for hint in detail.also.values():
        page.quote(text.one_line(hint, CHARACTERS), "cyan", label="Also: ")
    if detail.example:
        words = text.one_line(in_words(detail.example), CHARACTERS)
        page.quote(words, label="Smallest case: ")
        if detail.example.scope:
            page.quote(text.one_line(detail.example.scope, CHARACTERS))
        program(detail.example.program, page)
    for line in check.traceback[-TRACEBACK_LINES:]:
        page.quote(text.one_line(line), "dim", label="at ")
    if check.output:
        page.quote(text.shorten(check.output, OUTPUT_LINES, CHARACTERS), "dim", label="Printed:\n")
    if detail.repeats:
        page.row("", (same_cause(detail), "dim"), (_points(detail.repeats), "dim"))


def program(lines: str, page: Page) -> None:
    """Lines that make it go wrong again, where a terminal has room for them."""
    if len(lines) > PROGRAM_CHARACTERS or lines.count("\n") >= PROGRAM_LINES:
        page.line("The lines to paste into Python are on the report's page.", indent=4)
        return
    page.line("To paste into Python, in assignments/:", indent=4)
    page.code(text.shorten(lines, PROGRAM_LINES, PROGRAM_CHARACTERS))


def _prints(checks: Sequence[CheckResult], page: Page) -> None:
    """What checks printed that need no more than a line: somebody wants to read it."""
    for check in checks:
        if check.output:
            printed = text.shorten(check.output, OUTPUT_LINES, CHARACTERS)
            page.quote(printed, "dim", label=f"{text.one_line(check.title)} printed:\n")


def _points(checks: Sequence[CheckResult]) -> str:
    return text.score(sum(c.points for c in checks), sum(c.max_points for c in checks))


def _comparisons(check: CheckResult, page: Page) -> None:
    failing = summary.failing(check)
    for one in failing[:COMPARISONS]:
        message = text.shorten(summary.message(one), OUTPUT_LINES, CHARACTERS)
        page.quote(message, label=f"{text.one_line(one.label)}: ")
        if summary.facts(one):
            page.quote("; ".join(summary.facts(one)), "dim")
        if one.diagnosis and not check.hint:
            page.quote(text.one_line(one.diagnosis, CHARACTERS), "cyan", label="Diagnosis: ")
    if len(failing) > COMPARISONS:
        page.quote(f"… {text.count(len(failing) - COMPARISONS, 'more array')} differ", "dim")


def _todos(record: Record, page: Page) -> None:
    if not record.todos:
        return
    page.gap()
    page.line((f"To do ({len(record.todos)})", "bold"))
    for todo in record.todos[:TODOS]:
        place = f"{text.one_line(todo.file)}:{todo.line}"
        page.quote(f"{place}  {text.one_line(todo.name)}", "yellow", indent=2)
        if todo.text:
            page.quote("  " + text.one_line(todo.text), "dim", indent=2)
    if len(record.todos) > TODOS:
        page.quote(f"… and {len(record.todos) - TODOS} more", "dim", indent=2)


def _notes(record: Record, page: Page) -> None:
    if record.notes:
        page.gap()
        page.line(("Notes", "bold"))
    for note in record.notes:
        page.quote(text.one_line(note, CHARACTERS), indent=2)
    if record.output:
        page.gap()
        page.line(("Printed outside of the checks", "bold"))
        page.quote(text.shorten(record.output, OUTPUT_LINES, CHARACTERS), "dim", indent=2)


def _class_row(record: Record, page: Page) -> list[str | tuple[str, str]]:
    counts = class_summary.kinds(record)
    bar = page.bar(text.share(record.score, record.max_score), 20)
    return [
        text.one_line(record.student, 60),
        text.score(record.score, record.max_score),
        str(counts["good"]),
        str(counts["bad"]),
        str(counts["todo"]),
        str(len(class_summary.mistakes(record)) or ""),
        bar if record.complete else (summary.state(record), "magenta"),
    ]
