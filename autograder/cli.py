"""The command line of the grader.

Exit codes: 0 graded, 1 below --fail-under, 2 wrong usage or input, 3 something is incomplete or was
not found, or the grader itself failed, 130 stopped by Ctrl-C or a signal.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder import ending, temporary
from autograder.ending import BELOW, FAULT, Commands, exit_code, last_line
from autograder.grading import grade
from autograder.options import Options
from autograder.results import Record, encode, write_atomically
from autograder.sandbox.launch import SandboxError, unavailable
from autograder.submission.opening import must_isolate
from course import catalogue, trust
from course.config import Course, Week, find_root
from course.errors import CourseError

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Grades submissions of the course. `autograder grade --help` shows examples.",
)

WeekNumber = Annotated[int, typer.Argument(metavar="WEEK", help="The week's number: 1, 2, ...")]
PublicOnly = Annotated[bool, typer.Option("--public-only", help="Leave out the hidden checks.")]
WithNotebook = Annotated[
    bool, typer.Option("--notebook/--no-notebook", help="Grade exercise.ipynb as well.")
]
Unsafe = Annotated[
    bool,
    typer.Option("--unsafe-no-sandbox", help="Run somebody else's code without a sandbox."),
]


@app.callback()
def program_options(
    course: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The course's folder. Default: the nearest one above."),
    ] = None,
) -> None:
    trust.NAMED.set(course)


@app.command()
def weeks() -> None:
    """List the weeks: their topics and exercises."""
    from autograder.progress import stdout
    from autograder.report.terminal import weeks_table

    weeks_table(the_course(), stdout())


@app.command(name="grade")
def grade_command(
    week: WeekNumber,
    submission: Annotated[
        Path | None,
        typer.Option(help="What was handed in: a folder or a zip. Default: assignments/week_WEEK."),
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write the record, for programs.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report, one file.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the report as Markdown.")] = None,
    student: Annotated[str, typer.Option(help="A name for the report.")] = "",
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
      autograder grade 1 --submission solutions/week_1 --json out.json
      autograder grade 2 --submission ../ada --html ada.html --fail-under 50
    """
    course, chosen = open_course(week)
    folder = submission or course.assignments / f"week_{week}"
    options = Options(
        sandboxed=isolation(course, folder, unsafe_no_sandbox),
        public_only=public_only,
        notebook=notebook,
    )
    record = grade(course, chosen, folder, options, student)
    from autograder.report.redaction import for_student

    shown = record if instructor else for_student(record)
    show(shown)
    for path, data in outputs(shown, instructor, json, html, markdown):
        write_atomically(path, data, private=instructor)
    if html is not None:
        say(f"Report: {html}")
    raise typer.Exit(exit_code([record], fail_under))


@app.command(name="grade-all")
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
    """Grade every submission in a folder, and report on each and on the class.

    What is graded already is skipped: an interrupted run goes on where it stopped.

    \b
    Example:
      autograder grade-all 1 examples
    """
    from autograder.classroom import grade_class

    course, chosen = open_course(week)
    options = Options(
        sandboxed=isolation(course, folder, unsafe_no_sandbox),
        public_only=public_only,
        notebook=notebook,
    )
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


@app.command()
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
    """Enter graded notebooks in nbgrader's gradebook, to grade written answers by hand.

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


@app.command()
def expected(
    week: WeekNumber,
    out: Annotated[Path, typer.Option(help="The folder for expected.npz and mistakes.json.")],
) -> None:
    """Write the expected values of a week's public checks, for its release."""
    from autograder.author.expected import write_expected

    course, chosen = open_course(week, needs_solutions=True)
    write_expected(course, chosen, out)


@app.command()
def calibrate(
    week: WeekNumber,
    seeds: Annotated[int, typer.Option(min=20, help="Runs of the reference.")] = 40,
) -> None:
    """Train the reference and every mistake; write the thresholds to accuracy.toml."""
    from autograder.author import calibrate as calibration
    from autograder.progress import progress

    course, chosen = open_course(week, needs_solutions=True)
    runs = seeds + calibration.MISTAKE_SEEDS * len(catalogue.load(course, chosen))
    with progress(f"week {week}: training", runs) as advance:
        thresholds = calibration.calibrate(course, chosen, seeds, advance)
    calibration.write(course, chosen, thresholds)
    for name, found in thresholds.items():
        say(
            f"{name}: threshold {found.threshold:.3f}, the reference {found.mean:.3f} "
            f"± {found.sd:.4f} over {found.seeds} seeds, {len(found.caught)} mistakes stay below"
        )


@app.command()
def verify(
    week: Annotated[
        int | None, typer.Argument(metavar="[WEEK]", help="Default: all that are written.")
    ] = None,
    module: Annotated[
        str, typer.Option(help="Only this module, without training: quick, while it is written.")
    ] = "",
) -> None:
    """Prove a week's checks by its solution, its skeleton and its mistakes.

    \b
    Examples:
      autograder verify
      autograder verify 3
      autograder verify 1 --module linear
    """
    course = the_course()
    course.need_solutions()
    if module and week is None:
        raise CourseError("--module: say of which week: autograder verify 1 --module linear")
    chosen = [course.written_week(n) for n in ([week] if week is not None else course.written)]
    if not chosen:
        raise CourseError("solutions/: holds no week of course.toml. Write one first.")
    failed = [verify_week(course, one, module) for one in chosen]
    raise typer.Exit(BELOW if any(failed) else 0)


@app.command()
def mutants(
    week: WeekNumber,
    module: Annotated[str, typer.Option(help="Only the mutants of this module.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print all of it, for programs.")] = False,
    jobs: Annotated[int, typer.Option(min=0, help="How many at a time. 0: all cores.")] = 0,
    sample: Annotated[int, typer.Option(min=0, help="Only so many, at random. 0: all.")] = 0,
    seed: Annotated[int, typer.Option(help="Which ones a sample holds.")] = 0,
) -> None:
    """Change a week's solution in every small way, and list the changes that no check notices.

    Exits with 1 if fewer are noticed than course.toml asks for ([standards]: mutants), or if
    mutants.toml marks one as equivalent that is killed or isn't there.

    \b
    Examples:
      autograder mutants 1
      autograder mutants 1 --module linear
      autograder mutants 5 --sample 50 --seed 3
    """
    from autograder.author import mutants_report as report
    from autograder.author.verify_mutants import Sample, judge

    course, chosen = open_course(week, needs_solutions=True)
    if module:
        chosen.module(module)  # or it says which there are
    outcome = judge(course, chosen, module, Sample(sample, seed), jobs)
    shown = report.as_json if json else report.text
    say(shown(course, chosen, outcome))
    failed = outcome.problems or outcome.score < course.standards.mutants
    raise typer.Exit(BELOW if failed else 0)


def verify_week(course: Course, week: Week, module: str) -> bool:
    """Print what is proven of a week; whether anything speaks against it."""
    from autograder.author import verify as proof

    findings = []
    for finding in proof.verify(course, week, module):
        findings.append(finding)
        word = "none" if finding.absent else "FAILED" if finding.problems else "ok"
        say(f"week {week.number}: {word:6} {finding.what}")
        for problem in finding.problems:
            say(f"         {problem}")
    return any(finding.problems for finding in findings)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or an empty folder.")],
) -> None:
    """Make the start of a course of your own: one week, one function, its checks and mistakes.

    \b
    Examples:
      autograder init numerics
      cd numerics && make grade WEEK=1
    """
    from autograder.author.start import start

    for path in start(folder):
        say(f"made {path}")
    trust.trust(folder)
    say(f"\nNext: cd {folder} && make grade WEEK=1 SUBMISSION=solutions/week_1\n"
        "README.md says how to go on.")  # fmt: skip


@app.command(name="trust")
def trust_command(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Holds a course.toml. Default: this folder.")
    ] = Path(),
) -> None:
    """Trust the course in a folder, once and for all: its checks are code that runs as you.

    \b
    Examples:
      autograder trust
      autograder trust ../numerics
    """
    trust.trust(folder)
    say(f"{folder.resolve()}: its checks may run from now on.")


@app.command()
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


def the_course() -> Course:
    return trust.open_course(trust.NAMED.get())


def open_course(number: int, needs_solutions: bool = False) -> tuple[Course, Week]:
    course = the_course()
    if needs_solutions:
        course.need_solutions()
    return course, course.written_week(number)


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
    record: Record, instructor: bool, json: Path | None, html: Path | None, markdown: Path | None
) -> list[tuple[Path, bytes]]:
    """The files that were asked for, with what goes into them."""
    files = []
    if json is not None:
        files.append((json, encode(record)))
    if html is not None:
        from autograder.report import html as html_report

        files.append((html, html_report.render(record, instructor=instructor).encode()))
    if markdown is not None:
        from autograder.report import markdown as markdown_report

        files.append((markdown, markdown_report.render(record).encode()))
    return files


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main() -> None:
    """The program: whatever ends it, what it started and put down for a while goes with it."""
    ending.run(program)


def program() -> None:
    ending.stop_by_signals()
    temporary.use_one_folder()
    app()
