"""The terms of a formula: an array that is wrong may be right but for one or two of them.

An author names them once for an array of a class, in `checks/terms_<module>.py`, which is not
released; what they come to for each probe is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograder.loading import line_of, load_file, what
from autograder.mistakes.evidence import Evidence, unpack
from autograder.mistakes.explaining import alike
from autograder.oracle.released import Released
from autograder.probes.observing import FILE, Observation
from autograder.replay.steps import Asked
from autograder.sandbox.protocol import Array
from course.config import Course, Week
from course.errors import CourseError

NAME = "TERMS"  # what a file of terms defines
KEY = "terms"  # in a released week
OTHER_CALLS = (LookupError, TypeError, ValueError, AttributeError)  # than a formula knows
Formula = Callable[[Asked], Mapping[str, Any]]
Terms = dict[str, Evidence]  # name of the term -> title of the probe -> label -> its array


def terms_of(course: Course, week: Week, module: str, seen: Iterable[Observation]) -> Terms:
    """What the terms of a module come to for these probes."""
    if not course.has_solutions:
        released = Released(course.checks(week.number) / FILE)
        arrays = released.get(KEY) if released.exists else None
        return unpack(arrays) if arrays else {}
    formulas = load(course, week, module)
    found: Terms = {}
    for one in seen:
        for label, formula in formulas.get(one.probe.subject, {}).items():
            for name, array in evaluated(formula, one, label).items():
                found.setdefault(name, {}).setdefault(one.probe.title, {})[label] = array
    return found


def load(course: Course, week: Week, module: str) -> dict[str, dict[str, Formula]]:
    """By class, by the label of an array: the function that gives its terms.

    Raises:
        CourseError: the file can't be loaded.
    """
    file = course.checks(week.number) / f"terms_{module}.py"
    if not file.is_file():
        return {}
    try:
        found: dict[str, dict[str, Formula]] = getattr(load_file(file), NAME)
    except Exception as error:
        place = f"{course.relative(file)}:{line_of(file, error) or 1}"
        raise CourseError(f"{place}: the terms can't be loaded: {what(error)}") from error
    return found


def evaluated(formula: Formula, seen: Observation, label: str) -> dict[str, Array]:
    """The terms of an array for one probe; none for a probe that the formula isn't about.

    It is about those in which its terms add up to what is expected.
    """
    if label not in seen.expected:
        return {}
    try:
        terms = {name: np.asarray(a) for name, a in formula(Asked(seen.steps)).items()}
        total = np.asarray(sum(terms.values()))
    except OTHER_CALLS:
        return {}
    return terms if alike(total, seen.expected[label]) else {}


def here(terms: Terms, title: str, label: str) -> dict[str, Array]:
    """The terms of one array in one probe, by their names."""
    found = {name: evidence.get(title, {}).get(label) for name, evidence in terms.items()}
    return {name: array for name, array in found.items() if array is not None}
