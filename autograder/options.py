"""How to grade, and what is raised when that can't be done."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder import secret
from autograder.sandbox.launch import Limits
from course.config import Course


class GradingError(Exception):
    """The grader can't do its work; the message says why and what to do."""

    exit_code = 3


class InputError(GradingError):
    """What the grader was given to grade is not there, or not what it takes."""

    exit_code = 2


@dataclass(frozen=True)
class Options:
    """How to grade. `sandboxed` is decided by the caller, see `opening.must_isolate`."""

    sandboxed: bool = True
    public_only: bool = False  # a rehearsal: without hidden checks, on the numbers of the release
    secret: str | None = None  # None: the course's own
    limits: Limits = field(default_factory=Limits)
    modules: tuple[str, ...] = ()  # only the checks of these modules; none are named: of all
    only: str = ""  # the checks of this module or class, or this check; empty: all
    notebook: bool = False  # also the exercise notebook
    accuracy: bool = True  # also the checks that train a model
    explain: bool = True  # look for the mistakes behind failed checks
    calibrating: bool = False
    first_failure: bool = False  # stop at the first check that isn't passed


def public_only(course: Course, options: Options) -> bool:
    """Whether this is a rehearsal: the public checks alone, on the numbers of the release.

    By choice, or because a student's checkout has nothing else.
    """
    return options.public_only or not course.has_solutions


def course_secret(course: Course, options: Options) -> str:
    """What the inputs of grading are drawn from; made on first use."""
    return options.secret if options.secret is not None else secret.load(course.root)
