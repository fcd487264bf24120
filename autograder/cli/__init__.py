"""The command line of the grader.

Exit codes: 0 graded, 1 below --fail-under, 2 wrong usage or input, 3 something is incomplete or was
not found, or the grader itself failed, 130 stopped by Ctrl-C or a signal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder import ending, temporary
from autograder.cli import authoring, grading, updating
from course import trust

app = typer.Typer(
    cls=ending.Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Grades submissions of the course. `autograder grade --help` shows examples.",
)


@app.callback()
def program_options(
    course: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The course's folder. Default: the nearest one above."),
    ] = None,
) -> None:
    trust.NAMED.set(course)


# In the order of --help.
app.command()(grading.weeks)
app.command("grade")(grading.grade_one)
app.command()(updating.update)
app.command("grade-all")(grading.grade_all)
app.command()(grading.gradebook)
app.command()(grading.doctor)
app.command()(authoring.init)
app.command("trust")(authoring.trust_course)
app.command()(authoring.verify)
app.command()(authoring.mutants)
app.command()(authoring.calibrate)
app.command()(authoring.expected)


def main() -> None:
    """The program: whatever ends it, what it started and put down for a while goes with it."""
    ending.run(program)


def program() -> None:
    ending.stop_by_signals()
    temporary.use_one_folder()
    app()
