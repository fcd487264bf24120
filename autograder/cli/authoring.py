"""Commands for those who write a course: its start, its proofs, its numbers."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.cli.shared import PATH, open_course, say, the_course, week_number
from autograder.ending import BELOW
from course import catalogue, trust
from course.config import Course, Week
from course.errors import CourseError

COUNT = click.IntRange(min=0)


@click.command
@click.argument("folder", type=PATH, metavar="DIR", help="A new or an empty folder.")
def init(folder: Path) -> None:
    """Make the start of a course of your own.

    One week, one function, its checks and mistakes.

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


@click.command
@click.argument("week", type=int, required=False, help="Default: all that are written.")
@click.option(
    "--module", default="", help="Only this module, without training: quick, while it is written."
)
@click.option(
    "--secrets", type=COUNT, default=0, help="Also make the mistakes with so many other secrets."
)
def verify(week: int | None, module: str, secrets: int) -> None:
    """Prove a week's checks by its solution, skeleton and mistakes.

    \b
    Examples:
      autograder verify
      autograder verify 3
      autograder verify 3 --secrets 20
      autograder verify 1 --module linear
    """
    course = the_course()
    course.need_solutions()
    if module and week is None:
        raise CourseError("--module: say of which week: autograder verify 1 --module linear")
    chosen = [course.written_week(n) for n in ([week] if week is not None else course.written)]
    if not chosen:
        raise CourseError("solutions/: holds no week of course.toml. Write one first.")
    failed = [verify_week(course, one, module, secrets) for one in chosen]
    sys.exit(BELOW if any(failed) else 0)


def verify_week(course: Course, week: Week, module: str, secrets: int) -> bool:
    """Print what is proven of a week; whether anything speaks against it."""
    from autograder.author import verify as proof

    findings = []
    for finding in proof.verify(course, week, module, secrets):
        findings.append(finding)
        word = "none" if finding.absent else "FAILED" if finding.problems else "ok"
        say(f"week {week.number}: {word:6} {finding.what}")
        for problem in finding.problems:
            say(f"         {problem}")
    return any(finding.problems for finding in findings)


@click.command
@week_number
@click.option("--module", default="", help="Only the mutants of this module.")
@click.option("--json", is_flag=True, help="Print all of it, for programs.")
@click.option("--jobs", type=COUNT, default=0, help="How many at a time. 0: all cores.")
@click.option("--sample", type=COUNT, default=0, help="Only so many, at random. 0: all.")
@click.option("--seed", default=0, show_default=True, help="Which ones a sample holds.")
def mutants(week: int, module: str, json: bool, jobs: int, sample: int, seed: int) -> None:
    """List the small changes of a solution that no check notices.

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
    sys.exit(BELOW if failed else 0)


@click.command
@week_number
@click.option(
    "--seeds",
    type=click.IntRange(min=20),
    default=40,
    show_default=True,
    help="Runs of the reference.",
)
def calibrate(week: int, seeds: int) -> None:
    """Train the reference and every mistake; write the thresholds.

    They go to the week's accuracy.toml.
    """
    from autograder.author import calibrate as calibration
    from autograder.progress import progress

    course, chosen = open_course(week, needs_solutions=True)
    runs = seeds + len(catalogue.load(course, chosen))
    with progress(f"week {week}: training", runs) as advance:
        thresholds = calibration.calibrate(course, chosen, seeds, advance)
    calibration.write(course, chosen, thresholds)
    for name, found in thresholds.items():
        say(
            f"{name}: threshold {found.threshold:.3f}, the reference {found.mean:.3f} "
            f"± {found.sd:.4f} over {found.seeds} seeds, {len(found.caught)} mistakes stay below"
        )


@click.command
@week_number
@click.option("--out", type=PATH, help="The folder for expected.npz and mistakes.json.")
def expected(week: int, out: Path | None) -> None:
    """Write the expected values of public checks, for a release; print a hash of their sources."""
    from autograder.author.expected import sources, write_expected

    course, chosen = open_course(week, needs_solutions=True)
    if out is not None:
        write_expected(course, chosen, out)
    click.echo(sources(course, chosen))


@click.command("trust")
@click.argument(
    "folder",
    type=PATH,
    default=".",
    metavar="[DIR]",
    help="Holds a course.toml. Default: this folder.",
)
def trust_course(folder: Path) -> None:
    """Trust the course in a folder, once and for all.

    Its checks are code that runs as you.

    \b
    Examples:
      autograder trust
      autograder trust ../numerics
    """
    trust.trust(folder)
    say(f"{folder.resolve()}: its checks may run from now on.")
