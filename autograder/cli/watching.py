"""`autograder watch`: grades on every save."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import updating
from autograder.cli.grading import isolation
from autograder.cli.shared import PATH, open_course, week_number
from autograder.options import Options


@click.command
@week_number
@click.option(
    "--submission", type=PATH, help="The folder to watch. Default: assignments/week_WEEK."
)
def watch(week: int, submission: Path | None) -> None:
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
