"""What is wrong in a class only because another one is, of which it is made.

The mistake that is told of the other is put into the solution. If with it the probes of this class
give just what the submission gives, nothing else is wrong in it, and that is said once. It takes
the solution, so a student's checkout does without it.
"""

from __future__ import annotations

from collections.abc import Collection

from autograder.mistakes import variants
from autograder.probes.changed import Changed, Trials, is_all
from autograder.probes.observing import Observation
from autograder.probes.predictions import explanations
from course.catalogue import Mistake


def cause_of(trials: Trials, seen: list[Observation], told: Collection[str]) -> Mistake | None:
    """The one of the mistakes told elsewhere, by their ids, that all of this comes from."""
    course, week = trials.course, trials.week
    if not (course.has_solutions and told and any(one.wrong for one in seen)):
        return None
    listed = [one for one in explanations(course, week) if one.id in told]
    changed = [Changed((one,), variants.variant(course, week, one)) for one in listed]
    given = trials.give(changed, [one.probe for one in seen])
    return next((m for m, wrong in zip(listed, given, strict=True) if is_all(wrong, seen)), None)


def sentence(cause: Mistake) -> str:
    return f"This follows from what is wrong in {cause.where}. {cause.hint}"
