"""Opens a submission: stages its files, and starts a worker on them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from autograder.options import InputError, Options
from autograder.sandbox import launch
from autograder.sandbox.launch import Launch
from autograder.sandbox.session import Session
from autograder.submission.finding import Submission, find
from autograder.submission.intake import Files, Intake, stage
from autograder.submission.untouched import released_files
from course.config import Course, Week


def must_isolate(course: Course, submission: Path) -> bool:
    """Whether grading this folder needs a sandbox: it may be somebody else's code.

    A checkout without solutions is a student's: there everything is the student's own. With
    solutions, only the course's own folders are.
    """
    own = (course.solutions, course.assignments)
    return course.has_solutions and not any(submission.resolve().is_relative_to(f) for f in own)


def refuse_what_is_not_built(course: Course, week: Week, submission: Path) -> None:
    """An error of its own for the folder that is graded if no other is named."""
    if submission.is_relative_to(course.assignments) and not submission.is_dir():
        advice = f"make it with `release build {week.number}`, or hand over another"
        raise InputError(f"{course.relative(submission)} is not a folder: {advice}")


@contextmanager
def opened(
    course: Course,
    week: Week,
    submission: Path | Submission | Files,
    options: Options,
    beside: Mapping[str, Path] | None = None,
    packages: Sequence[str] = (),
) -> Iterator[tuple[Session, Intake]]:
    """A session with the submission's first worker already starting.

    Args:
        submission: or what was found in it before.
        beside: files of ours that the worker needs, by their place in its import root.
        packages: what may be imported from where NumPy lies, beside NumPy itself.
    Raises:
        InputError: the submission isn't there, or can't be read.
        NothingFound: it holds no file of the week.
        SandboxError: a sandbox is asked for and can't be had.
    """
    if isinstance(submission, Path):
        refuse_what_is_not_built(course, week, submission)
    if isinstance(submission, (Path, Submission)):
        submission = find(submission, week, released_files(course, week))
    folder = Path(tempfile.mkdtemp(prefix="grade-"))
    session: Session | None = None
    try:
        intake = stage(course, week, submission, folder / "course")
        for place, file in (beside or {}).items():
            shutil.copyfile(file, intake.root / place)
        session = Session(
            launcher(course, intake.root, options, packages), options.limits, intake.refused
        )
        yield session, intake
    finally:
        if session is not None:
            session.close()
        shutil.rmtree(folder, ignore_errors=True)


def launcher(
    course: Course, root: Path, options: Options, packages: Sequence[str]
) -> Callable[[], Launch]:
    """What starts a worker on a staged import root."""
    if not options.sandboxed:
        return partial(launch.plain, root, options.limits)
    return partial(launch.sandboxed, root, options.limits, packages, hidden=(course.root,))
