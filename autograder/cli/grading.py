"""Commands on submissions: one, or a class, and what this machine has for grading them."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli import updating
from autograder.cli.shared import WeekNumber, open_course, say, the_course
from autograder.ending import FAULT, exit_code, last_line
from autograder.grading import grade
from autograder.options import Options
from autograder.results import Record, encode, write_atomically
from autograder.sandbox.launch import SandboxError, unavailable
from autograder.submission.opening import must_isolate
from course import trust
from course.config import Course, find_root

PublicOnly = Annotated[bool, typer.Option("--public-only", help="Leave out the hidden checks.")]
WithNotebook = Annotated[
    bool, typer.Option("--notebook/--no-notebook", help="Grade exercise.ipynb as well.")
]
Unsafe = Annotated[
    bool,
    typer.Option("--unsafe-no-sandbox", help="Run somebody else's code without a sandbox."),
]


def weeks() -> None:
    """List the weeks: their topics and exercises."""
    from autograder.progress import stdout
    from autograder.report.terminal import weeks_table

    weeks_table(the_course(), stdout())


def grade_one(
    week: WeekNumber,
    submission: Annotated[
        Path | None,
        typer.Option(help="What was handed in: a folder or a zip. Default: assignments/week_WEEK."),
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write the record, for programs.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report, one file.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the report as Markdown.")] = None,
    student: Annotated[str, typer.Option(help="A name for the report.")] = "",
    only: Annotated[
        str, typer.Option(metavar="NAME", help="Only this module, class or check.")
    ] = "",
    public_only: PublicOnly = False,
    notebook: WithNotebook = False,
    instructor: Annotated[
        bool, typer.Option("--instructor", help="Show hidden checks in full: not for students.")
    ] = False,
    fail_under: Annotated[
        float | None, typer.Option(min=0, max=100, metavar="PCT", help="Exit with 1 below this.")
    ] = None,
    unsafe_no_sandbox: Unsafe = False,
) -> None:
    """Grade one submission.

    \b
    Examples:
      autograder grade 1
      autograder grade 1 --only ReLU
      autograder grade 1 --submission solutions/week_1 --json out.json
      autograder grade 2 --submission ../ada --html ada.html --fail-under 50
    """
    course, chosen = open_course(week)
    folder = submission or course.assignments / f"week_{week}"
    isolated = isolation(course, folder, unsafe_no_sandbox)
    options = Options(isolated, public_only, only=only, notebook=notebook and not only)
    own = "" if course.has_solutions or submission else updating.own_name(course.root)
    record = grade(course, chosen, folder, options, student or own)
    from autograder.report.places import folders, from_folder
    from autograder.report.redaction import for_student

    shown = record if instructor else for_student(record)
    shown = from_folder(shown, folders(course, week, folder))
    show(shown)
    for path, data in outputs(course, shown, instructor, json, html, markdown):
        write_atomically(path, data, private=instructor)
    if html is not None:
        say(f"Report: {html}")
    raise typer.Exit(exit_code([record], fail_under))


def watch(
    week: WeekNumber,
    submission: Annotated[
        Path | None, typer.Option(help="The folder to watch. Default: assignments/week_WEEK.")
    ] = None,
) -> None:
    """Grade on every save, until Ctrl-C: what a save changed, in the terminal and on a page.

    \b
    Example:
      autograder watch 1
    """
    from autograder.progress import stdout
    from autograder.watching.watch import watch as watched

    course, chosen = open_course(week)
    folder = submission or course.assignments / f"week_{week}"
    options = Options(isolation(course, folder, unsafe=False), public_only=True)
    page = course.root / "reports" / f"week_{week}" / "watch" / "report.html"
    own = "" if course.has_solutions else updating.own_name(course.root)
    watched(course, chosen, folder.absolute(), options, page, stdout(), own)


def grade_all(
    week: WeekNumber,
    folder: Annotated[Path, typer.Argument(help="Holds one folder or zip per student.")],
    results: Annotated[
        Path | None, typer.Option(help="Where records go. Default: results/week_WEEK.")
    ] = None,
    reports: Annotated[
        Path | None, typer.Option(help="Where reports go. Default: reports/week_WEEK.")
    ] = None,
    public_only: PublicOnly = False,
    notebook: WithNotebook = False,
    unsafe_no_sandbox: Unsafe = False,
) -> None:
    """Grade all submissions in a folder, and report on them.

    What is graded already is skipped: an interrupted run goes on where it stopped.

    \b
    Example:
      autograder grade-all 1 examples
    """
    from autograder.classroom import grade_class

    course, chosen = open_course(week)
    isolated = isolation(course, folder, unsafe_no_sandbox)
    options = Options(isolated, public_only, notebook=notebook)
    name = f"week_{week}"
    graded = grade_class(
        course,
        chosen,
        folder,
        results or course.root / "results" / name,
        reports or course.root / "reports" / name,
        options,
    )
    code = FAULT if graded.unwritten else exit_code(graded.records, None)
    say(last_line(graded.records, graded.unwritten, code))
    raise typer.Exit(code)


def gradebook(
    week: WeekNumber,
    folder: Annotated[Path, typer.Argument(help="Holds one folder per student.")],
    results: Annotated[
        Path | None, typer.Option(help="Where the records are. Default: results/week_WEEK.")
    ] = None,
    db_url: Annotated[
        str, typer.Option(help="The gradebook. Default: gradebook.db in the course's folder.")
    ] = "",
) -> None:
    """Enter notebooks in nbgrader's gradebook.

    Written answers are graded by hand there.

    \b
    Example:
      autograder grade-all 1 submissions --notebook
      autograder gradebook 1 submissions
      jupyter lab
    """
    from autograder.gradebook.book import Book

    course, chosen = open_course(week)
    book = Book(course, chosen, db_url)
    for entry in book.fill(folder, results or course.root / "results" / f"week_{week}"):
        note = f" ({entry.note})" if entry.note else ""
        say(f"{entry.student}: {entry.to_grade} answers to grade by hand{note}")
    say("Grade them in JupyterLab, started in the course's folder: Nbgrader > Formgrader.")


def doctor() -> None:
    """Say which protections are in force here. Exits with 3 if grading others' work isn't safe.

    \b
    Example:
      autograder doctor
    """
    from autograder.author.doctor import examine
    from autograder.progress import stdout

    findings = []
    for finding in examine([trust.NAMED.get() or find_root(Path.cwd())]):
        findings.append(finding)
        style = "green" if finding.ok else "red" if finding.needed else "yellow"
        stdout().print(str(finding), style=style, markup=False, highlight=False)
    safe = all(finding.ok for finding in findings if finding.needed)
    say(f"Grading others' work is {'safe' if safe else 'NOT SAFE'} on this machine.")
    raise typer.Exit(0 if safe else FAULT)


def isolation(course: Course, submission: Path, unsafe: bool) -> bool:
    """Whether to use a sandbox.

    Raises:
        SandboxError: one is needed, there is none, and it wasn't said to go without.
    """
    if unsafe:
        return False
    reason = unavailable()
    if reason and must_isolate(course, submission):
        raise SandboxError(
            f"{reason}\n{submission} may be somebody else's code: it is not run without a "
            "sandbox. If you know what is in it, say --unsafe-no-sandbox."
        )
    return not reason and course.has_solutions


def show(record: Record) -> None:
    """Print the report; in a GitHub workflow also its summary and annotations."""
    from autograder.progress import stdout
    from autograder.report import markdown, terminal

    markdown.append_step_summary(markdown.render(record))
    if os.environ.get("GITHUB_ACTIONS") != "true":
        terminal.render(record, stdout())
        return
    # A line of a submission's text could be a command to GitHub: none is obeyed in between.
    resume = secrets.token_hex(16)
    say(f"::stop-commands::{resume}")
    terminal.render(record, stdout())
    say("\n".join([f"::{resume}::", *markdown.annotations(record)]))


def outputs(
    course: Course,
    record: Record,
    instructor: bool,
    json: Path | None,
    html: Path | None,
    markdown: Path | None,
) -> list[tuple[Path, bytes]]:
    """The files that were asked for, with what goes into them."""
    files = []
    if json is not None:
        files.append((json, encode(record)))
    if html is not None:
        from autograder.report import html as html_report
        from autograder.report.places import handout

        links = handout(course, record.week, html)
        page = html_report.render(record, instructor=instructor, handout=links)
        files.append((html, page.encode()))
    if markdown is not None:
        from autograder.report import markdown as markdown_report

        files.append((markdown, markdown_report.render(record).encode()))
    return files
