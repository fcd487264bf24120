"""Writes what a student's machine needs to run the public checks without oracles and solutions.

expected.npz holds the expected arrays, and what each mistake of the catalogue produces;
mistakes.json the mistakes' hints, points.json what the public checks are worth. None of them
holds a line of a solution.
"""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import numpy as np

from autograder.checking import points
from autograder.checking.run import run_checks
from autograder.mistakes.effects import LIMITS
from autograder.mistakes.evidence import flatten
from autograder.mistakes.fingerprints import RELEASED, Fingerprint, ReleasedMistake, of_modules
from autograder.options import GradingError, Options
from autograder.oracle.cache import Arrays
from autograder.oracle.released import FILE as EXPECTED
from autograder.results import Verdict, write_atomically
from autograder.submission.opening import opened
from course.config import Course, Week


def write_expected(course: Course, week: Week, folder: Path) -> None:
    """Write expected.npz, mistakes.json and points.json for a week into `folder`.

    Raises:
        GradingError: the solution itself does not pass a public check.
    """
    options = Options(sandboxed=False, accuracy=False, public_only=True, limits=LIMITS)
    solution = course.solutions / f"week_{week.number}"
    with opened(course, week, solution, options) as (session, _):
        run = run_checks(course, week, session, options)
    for result in run.results.values():
        if result.verdict is not Verdict.PASSED:
            raise GradingError(f"the solution fails {result.id}: {result.message}")
    arrays: Arrays = {}
    for place, expected in run.used.items():
        arrays |= {f"{place}/{name}": value for name, value in expected.items()}
    found = of_modules(course, week, week.modules, options, doing="")
    # What no public check shows can't be explained there, and would tell of the hidden ones.
    fingerprints = [fingerprint for fingerprint in found if fingerprint.evidence]
    for one in fingerprints:
        arrays |= {f"mistake/{one.id}/{key}": v for key, v in flatten(one.evidence).items()}
    write_atomically(folder / EXPECTED, compressed(arrays))
    write_atomically(folder / RELEASED, described(fingerprints))
    write_atomically(folder / points.FILE, points.dump(run.points))


def compressed(arrays: Arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **dict(sorted(arrays.items())))  # type: ignore[arg-type]
    return buffer.getvalue()


def described(fingerprints: list[Fingerprint]) -> bytes:
    known = [ReleasedMistake(f.id, f.hint, f.module) for f in fingerprints]
    return msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n"
