"""`release build | verify | publish`.

Exit codes: 0 fine, 1 problems found by verify or --check, 2 wrong usage or input,
3 the release itself failed.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from course.config import Course
from course.errors import CourseError
from course.trust import NAMED, open_course
from release import answers as answer_branches
from release import branches
from release.build import build as build_weeks
from release.build import drift
from release.git import repository
from release.publish import behind, prepare
from release.verify import verify as verify_weeks
from release.verify import verify_branches, verify_files, verify_module

PROBLEMS, USAGE, FAULT = 1, 2, 3

COURSE = "The course's folder. Default: the nearest one above."
weeks_named = click.argument("week", metavar="N|all", help="The week, or all of them.")


class InOrder(click.Group):
    """Lists its commands in the order in which they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(super().list_commands(ctx), key=[*self.commands].index)


@click.group(cls=InOrder)
@click.option("--course", type=click.Path(path_type=Path), metavar="DIR", help=COURSE)
def app(course: Path | None) -> None:
    """From the solutions to what students get."""
    NAMED.set(course)


@app.command
@weeks_named
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if anything would change.")
def build(week: str, check: bool) -> None:
    """Build assignments/ from solutions/ and the public checks."""
    course = _course()
    weeks = _weeks(course, week)
    if check:
        advice = f"Build again with: release build {week}"
        _finish(drift(course, weeks), f"assignments/ is up to date ({_names(weeks)}).", advice)
        return
    for number in sorted(course.weeks.keys() - course.written) if week == "all" else ():
        _say(f"week {number}: left out, it has no solutions yet.", "yellow")
    changes = build_weeks(course, weeks)
    for word, paths in zip(("wrote  ", "wrote  ", "removed"), changes, strict=True):
        for path in paths:
            _say(f"{word} assignments/{path}")
    for number in weeks:
        if not (course.assignments / f"week_{number}" / "checks").is_dir():
            _say(f"week {number}: has no public checks.", "yellow")
    _say(f"Built {_names(weeks)}." if changes else f"Nothing to do for {_names(weeks)}.", "green")


@app.command
@weeks_named
@click.option(
    "--module",
    default="",
    help="Only this module's stub and checks: quick, while it is written.",
)
def verify(week: str, module: str) -> None:
    """Prove that assignments/ is the solutions without the answers, branches included."""
    course = _course()
    weeks = _weeks(course, week)
    if module:
        if len(weeks) != 1:
            raise CourseError("--module: say in which week, for example: verify 1 --module linear")
        problems = verify_module(course, weeks[0], module)
        _finish(problems, f"Nothing wrong, nothing leaked ({_names(weeks)}: {module}).")
        return
    _finish(verify_weeks(course, weeks), f"Nothing wrong, nothing leaked ({_names(weeks)}).")


@app.command
@click.argument("week", type=int, metavar="N", help="The last week to publish.")
@click.option(
    "--branch", default="", show_default="week_N_exercise", help="The branch to commit to."
)
def publish(week: int, branch: str) -> None:
    """Commit weeks 1 to N to the exercise branch, without touching the work tree."""
    course = _course()
    branch = branch or branches.exercise(week)
    _weeks(course, str(week))
    weeks = [n for n in course.written if n <= week]
    git = repository(course.root)
    _refuse(verify_files(course, weeks))
    commit = prepare(course, week, branch)
    _refuse(verify_branches(course, (*branches.branch_refs(git, branch), commit)))
    _published(branches.point(git, branch, commit))
    for later in behind(course, week):
        number = later.split("_")[1]
        _say(f"{later} doesn't hold this yet: release publish {number}", "yellow")


@app.command
@click.argument("week", type=int, metavar="N", help="The week to reveal.")
@click.option("--yes", is_flag=True, help="Don't ask: for scripts.")
def answer(week: int, yes: bool) -> None:
    """Commit a week's solutions to week_N_answer, on top of week_N_exercise. Asks before."""
    course = _course()
    git, branch = repository(course.root), branches.answer(week)
    _weeks(course, str(week))
    commit = answer_branches.prepare(course, week)
    _refuse(verify_branches(course, answers={week: commit}))
    if commit != branches.tip(git, branch):
        _say(f"{branch} reveals the solutions of week {week}, {course.week(week).title}:")
        for path in answer_branches.answer_files(course, week):
            _say(f"  {path}")
        _say("Hidden checks and mistakes stay secret. Once it is pushed there is no way back.")
        if not (yes or _confirmed(week)):
            _say("Nothing was published.", "yellow")
            sys.exit(PROBLEMS)
    _published(branches.point(git, branch, commit))
    if later := [n for n in course.written if n > week]:
        _say(f"Exercises from week {later[0]} on carry them once they are published again.")


def main() -> None:
    """Run the command line; every error ends in its exit code."""
    try:
        app()
    except CourseError as error:
        for problem in error.problems:
            _say(problem, "red", to_errors=True)
        sys.exit(USAGE)
    except Exception:
        traceback.print_exc()
        _say("release: this is a fault of the release itself.", "red", to_errors=True)
        sys.exit(FAULT)


def _confirmed(week: int) -> bool:
    """Whether whoever sits here wants it. CourseError: nobody does, a script says --yes."""
    if not sys.stdin.isatty():
        raise CourseError(
            "Nothing was published: nobody sits here to say yes. To reveal week "
            f"{week} in a script: make answer WEEK={week} YES=1, or release answer {week} --yes."
        )
    return click.confirm(f"Reveal the solutions of week {week}?")


def _published(done: branches.Published) -> None:
    state = "committed to" if done.created else "no change on"
    _say(f"{done.files} files: {state} {done.branch}, {done.commit[:10]}.", "green")
    _say(f"Send it to the students: git push origin {done.branch}")


def _refuse(problems: list[str]) -> None:
    if problems:
        raise CourseError(*problems, "Nothing was published. Mend this, then publish again.")


def _course() -> Course:
    course = open_course(NAMED.get())
    course.need_solutions()
    return course


def _weeks(course: Course, text: str) -> list[int]:
    """The weeks that an argument names.

    Raises:
        CourseError: it names none, or one without solutions.
    """
    if text == "all":
        if not course.written:
            raise CourseError("solutions/: holds no week of course.toml.")
        return course.written
    if not text.isdecimal():
        raise CourseError(f'"{text}" is no week. Give a number, or "all".')
    return [course.written_week(int(text)).number]


def _names(weeks: list[int]) -> str:
    return f"week{'s' if len(weeks) > 1 else ''} {', '.join(map(str, weeks))}"


def _finish(problems: list[str], fine: str, advice: str = "") -> None:
    """Print the outcome of a check, and leave with 1 if it found something."""
    if not problems:
        _say(fine, "green")
        return
    for problem in problems:
        _say(problem)
    count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}."
    _say(f"{count} {advice}".rstrip(), "red")
    sys.exit(PROBLEMS)


def _say(message: str, style: str = "", to_errors: bool = False) -> None:
    """One message on a line of its own, never cut: paths must stay whole in a pipe."""
    Console(stderr=to_errors).print(Text(message, style=style), soft_wrap=True)
