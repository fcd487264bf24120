"""Commands on submissions: one, or a class, and what this machine has for grading them."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import click

from autograder.cli import updating
from autograder.cli.shared import PATH, open_course, say, the_course, week_number
from autograder.ending import FAULT, exit_code, last_line
from autograder.grading import grade
from autograder.options import Options
from autograder.results import Record, encode, write_atomically
from autograder.sandbox.launch import SandboxError, unavailable
from autograder.submission.opening import must_isolate
from course import trust
from course.config import Course, find_root

public_only = click.option("--public-only", is_flag=True, help="Leave out the hidden checks.")
with_notebook = click.option(
    "--notebook/--no-notebook", show_default=True, help="Grade exercise.ipynb as well."
)
unsafe = click.option(
    "--unsafe-no-sandbox", is_flag=True, help="Run somebody else's code without a sandbox."
)


@click.command
def weeks() -> None:
    """List the weeks: their topics and exercises."""
    from autograder.progress import stdout
    from autograder.report.terminal import weeks_table

    weeks_table(the_course(), stdout())


@click.command("grade")
@week_number
@click.option(
    "--submission",
    type=PATH,
    help="What was handed in: a folder or a zip. Default: assignments/week_WEEK.",
)
@click.option("--json", type=PATH, help="Write the record, for programs.")
@click.option("--html", type=PATH, help="Write the report, one file.")
@click.option("--markdown", type=PATH, help="Write the report as Markdown.")
@click.option("--student", default="", help="A name for the report.")
@click.option("--only", default="", metavar="NAME", help="Only this module, class or check.")
@public_only
@with_notebook
@click.option("--instructor", is_flag=True, help="Show hidden checks in full: not for students.")
@click.option(
    "--fail-under", type=click.FloatRange(0, 100), metavar="PCT", help="Exit with 1 below this."
)
@unsafe
def grade_one(
    week: int,
    submission: Path | None,
    json: Path | None,
    html: Path | None,
    markdown: Path | None,
    student: str,
    only: str,
    public_only: bool,
    notebook: bool,
    instructor: bool,
    fail_under: float | None,
    unsafe_no_sandbox: bool,
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
    sys.exit(exit_code([record], fail_under))


@click.command
@week_number
@click.argument("folder", type=PATH, help="Holds one folder or zip per student.")
@click.option("--results", type=PATH, help="Where records go. Default: results/week_WEEK.")
@click.option("--reports", type=PATH, help="Where reports go. Default: reports/week_WEEK.")
@public_only
@with_notebook
@unsafe
def grade_all(
    week: int,
    folder: Path,
    results: Path | None,
    reports: Path | None,
    public_only: bool,
    notebook: bool,
    unsafe_no_sandbox: bool,
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
    sys.exit(code)


@click.command
@week_number
@click.argument("folder", type=PATH, help="Holds one folder per student.")
@click.option("--results", type=PATH, help="Where the records are. Default: results/week_WEEK.")
@click.option(
    "--db-url", default="", help="The gradebook. Default: gradebook.db in the course's folder."
)
def gradebook(week: int, folder: Path, results: Path | None, db_url: str) -> None:
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


@click.command
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
    sys.exit(0 if safe else FAULT)


def isolation(course: Course, submission: Path, unsafe: bool) -> bool:
    """Whether to use a sandbox.

    Raises:
        SandboxError: one is needed, there is none, and it wasn't said to go without.
    """
    if unsafe or not course.has_solutions:  # a student's checkout: to try a sandbox takes its time
        return False
    reason = unavailable()
    if reason and must_isolate(course, submission):
        raise SandboxError(
            f"{reason}\n{submission} may be somebody else's code: it is not run without a "
            "sandbox. If you know what is in it, say --unsafe-no-sandbox."
        )
    return not reason


def show(record: Record) -> None:
    """Print the report; in a GitHub workflow also its summary and annotations."""
    from autograder.progress import stdout
    from autograder.report import terminal

    if os.environ.get("GITHUB_ACTIONS") != "true" and not os.environ.get("GITHUB_STEP_SUMMARY"):
        terminal.render(record, stdout())
        return
    from autograder.report import markdown

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

        # What an instructor hands out lies elsewhere, and the solutions' folder isn't there.
        links = {} if course.has_solutions else handout(course, record.week, html)
        page = html_report.render(record, instructor=instructor, handout=links)
        files.append((html, page.encode()))
    if markdown is not None:
        from autograder.report import markdown as markdown_report

        files.append((markdown, markdown_report.render(record).encode()))
    return files
