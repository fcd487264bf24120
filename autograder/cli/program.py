"""The commands, in one program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder import ending, temporary
from autograder.cli import authoring, debugging, grading, updating
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
app.command()(grading.watch)
app.command()(debugging.debug)
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


def run() -> None:
    """Run the command line; what it put down for a while goes with it."""
    ending.run(program)


def program() -> None:
    temporary.use_one_folder()
    app()
