"""What each mistake of the catalogue looks like: the wrong arrays that it produces on each check.

A fingerprint is made by grading the solution with the mistake in it, on the same inputs that a
submission gets, and keeping what every failed comparison was given. It is cached; a released
week carries those of its public checks, so that a student's machine needs no solution.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Collection
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from autograder.checking.run import run_checks
from autograder.checking.tools import Run
from autograder.mistakes.variants import write_variant
from autograder.options import Options, course_secret
from autograder.oracle.cache import Arrays, cache_of
from autograder.oracle.released import FILE as EXPECTED
from autograder.oracle.released import Released
from autograder.pool import pool
from autograder.progress import progress
from autograder.submission.digests import checks_digest
from autograder.submission.opening import opened
from course import catalogue
from course.catalogue import Mistake
from course.config import Course, Week, load_course

Evidence = dict[str, dict[str, NDArray[Any]]]  # check id -> label -> what was wrong there
RELEASED = "mistakes.json"


@dataclass(frozen=True)
class Fingerprint:
    """A mistake's id and hint, its module, and what it does to the checks."""

    id: str
    hint: str
    module: str
    evidence: Evidence


class ReleasedMistake(msgspec.Struct, frozen=True):
    """What a student's checkout knows of a mistake: no line of the solution."""

    id: str
    hint: str
    module: str


def of_modules(
    course: Course, week: Week, modules: Collection[str], options: Options
) -> list[Fingerprint]:
    """The fingerprints of the mistakes in these modules, made where they aren't cached."""
    if not course.has_solutions:
        return released(course, week)
    digest = course_digest(course, week, options)
    return [
        of_mistake(course, week, mistake, options, digest)
        for mistake in catalogue.load(course, week)
        if mistake.module in modules
    ]


def prepare(course: Course, week: Week, modules: Collection[str], options: Options) -> None:
    """Make the fingerprints of these modules that aren't cached, on all cores."""
    digest = course_digest(course, week, options)
    missing = [
        mistake
        for mistake in catalogue.load(course, week)
        if mistake.module in modules
        and cache_of(course.root).get(key_of(course, week, mistake, digest)) is None
    ]
    if not missing:
        return
    with (
        pool(min(os.cpu_count() or 1, len(missing))) as executor,
        progress(f"week {week.number}: learning to recognise mistakes", len(missing)) as advance,
    ):
        work = [executor.submit(make_one, course.root, week.number, m, options) for m in missing]
        for future in as_completed(work):
            future.result()
            advance()


def make_one(root: Path, number: int, mistake: Mistake, options: Options) -> None:
    course = load_course(root)
    week = course.week(number)
    of_mistake(course, week, mistake, options, course_digest(course, week, options))


def course_digest(course: Course, week: Week, options: Options) -> str:
    """What every fingerprint of a week depends on: checks, grader, and the inputs' secret."""
    return checks_digest(course, week) + course_secret(course, options)


def of_mistake(
    course: Course, week: Week, mistake: Mistake, options: Options, digest: str
) -> Fingerprint:
    """The fingerprint of one mistake, from the cache or made now."""
    key = key_of(course, week, mistake, digest)
    cache = cache_of(course.root)
    arrays = cache.get(key)
    if arrays is None:
        arrays = flatten(evidence_of(make(course, week, mistake, options)))
        cache.put(key, arrays)
    return Fingerprint(mistake.id, mistake.hint, mistake.module, unflatten(arrays))


def key_of(course: Course, week: Week, mistake: Mistake, digest: str) -> str:
    """Where a fingerprint is cached: it depends on the solution, the mistake and the checks."""
    source = (course.solutions / f"week_{week.number}" / f"{mistake.module}.py").read_bytes()
    parts = [b"mistake", digest.encode(), source, msgspec.json.encode(mistake)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def make(course: Course, week: Week, mistake: Mistake, options: Options) -> Run:
    """Run the checks of the mistake's module against the solution with the mistake in it."""
    options = replace(
        options, sandboxed=False, accuracy=False, public_only=False, module=mistake.module
    )
    with tempfile.TemporaryDirectory() as folder:
        write_variant(course, week, mistake, Path(folder))
        with opened(course, week, Path(folder), options) as (session, _):
            return run_checks(course, week, session, options)


def evidence_of(run: Run) -> Evidence:
    """What was wrong in each check, as arrays: text becomes an array of text."""
    return {
        check: {label: np.asarray(value) for label, value in labels.items()}
        for check, labels in run.evidence.items()
        if labels
    }


def flatten(evidence: Evidence) -> Arrays:
    return {f"{c}\t{label}": a for c, labels in evidence.items() for label, a in labels.items()}


def unflatten(arrays: Arrays) -> Evidence:
    evidence: Evidence = {}
    for key, array in arrays.items():
        check, _, label = key.partition("\t")
        evidence.setdefault(check, {})[label] = array
    return evidence


def released(course: Course, week: Week) -> list[Fingerprint]:
    """The fingerprints that were released with the public checks."""
    folder = course.checks(week.number)
    path, expected = folder / RELEASED, Released(folder / EXPECTED)
    if not (path.is_file() and expected.exists):
        return []
    entries = msgspec.json.decode(path.read_bytes(), type=list[ReleasedMistake])
    return [
        Fingerprint(m.id, m.hint, m.module, unflatten(expected.get(f"mistake/{m.id}") or {}))
        for m in entries
    ]
