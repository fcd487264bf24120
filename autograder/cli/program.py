"""The commands, in one program."""

from __future__ import annotations

from pathlib import Path

import click

from autograder import ending, temporary
from autograder.cli import authoring, debugging, grading, updating, watching
from autograder.cli.shared import PATH
from course import trust

COURSE = "The course's folder. Default: the nearest one above."


@click.group(cls=ending.Commands)
@click.option("--course", type=PATH, metavar="DIR", help=COURSE)
def app(course: Path | None) -> None:
    """Grades submissions of the course. `autograder grade --help` shows examples."""
    trust.NAMED.set(course)


# In the order of --help.
for command in (
    grading.weeks,
    grading.grade_one,
    watching.watch,
    debugging.debug,
    updating.update,
    grading.grade_all,
    grading.gradebook,
    grading.doctor,
    authoring.init,
    authoring.trust_course,
    authoring.verify,
    authoring.mutants,
    authoring.calibrate,
    authoring.expected,
):
    app.add_command(command)


def run() -> None:
    """Run the command line; what it put down for a while goes with it."""
    ending.run(program)


def program() -> None:
    temporary.use_one_folder()
    app()
