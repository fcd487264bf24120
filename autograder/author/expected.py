"""Writes what a student's machine needs to run the public checks without oracles and solutions.

expected.npz holds the expected arrays, and what each mistake of the catalogue produces;
mistakes.json the mistakes' hints, points.json what the public checks are worth. probes.npz and
explanations.json hold the same for probes. None of them holds a line of a solution.
"""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import numpy as np

from autograder.checking import points
from autograder.checking.run import run_checks
from autograder.mistakes.changing import replacing
from autograder.mistakes.effects import LIMITS
from autograder.mistakes.evidence import flatten, pack
from autograder.mistakes.fingerprints import RELEASED, Fingerprint, ReleasedMistake, of_modules
from autograder.mistakes.keys import digest
from autograder.options import GradingError, Options
from autograder.oracle.cache import Arrays
from autograder.oracle.released import FILE as EXPECTED
from autograder.probes.observing import FILE as PROBES
from autograder.probes.observing import Observing
from autograder.probes.predictions import (
    EXPLAINS,
    EXPLANATIONS,
    SOURCES,
    ReleasedExplanation,
    computed,
    contents,
    explanations,
)
from autograder.probes.probe import probes_of
from autograder.probes.terms import KEY as TERMS
from autograder.probes.terms import Terms, terms_of
from autograder.results import Verdict, write_atomically
from autograder.submission.digests import checks_digest
from autograder.submission.opening import opened
from course.config import Course, Week


def sources(course: Course, week: Week) -> str:
    """A hash of all that `write_expected` reads, the engine's code included."""
    checked = checks_digest(course, week, Options(sandboxed=False, public_only=True))
    return digest([checked], [Path(__file__), course.root / "course.toml"])


def write_expected(course: Course, week: Week, folder: Path) -> None:
    """Write what a released week needs beside its check files into `folder`.

    Raises:
        GradingError: the solution itself does not pass a public check, or a probe.
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
    write_probes(course, week, folder, options)


def write_probes(course: Course, week: Week, folder: Path, options: Options) -> None:
    """Expected arrays of the probes; the explanations, and what they give for them."""
    arrays, terms = of_the_solution(course, week, options)
    arrays |= {f"{TERMS}/{name}": values for name, values in pack(terms).items()}
    found = computed(course, week, week.modules, options)
    shown = [one for one in found if one.evidence]
    packed = pack({one.id: one.evidence for one in shown})
    arrays |= {f"{EXPLAINS}/{name}": values for name, values in packed.items()}
    for module, content in contents(course, week, explanations(course, week)).items():
        arrays[f"{SOURCES}/{module}/digest"] = np.array(content)
    entries = [ReleasedExplanation(one.id, one.hint, one.module, one.rank) for one in shown]
    write_atomically(folder / PROBES, compressed(arrays))
    write_atomically(folder / EXPLANATIONS, as_json(entries))


def of_the_solution(course: Course, week: Week, options: Options) -> tuple[Arrays, Terms]:
    """What the oracles give for the probes, for which the solution has nothing wrong; the terms."""
    terms: Terms = {}
    with replacing(course, week, options) as (session, _):
        observing = Observing(course, week, session)
        for module in week.modules:
            probes = probes_of(course, week, module)
            seen = observing.observe(probes)
            for one in (one for one in seen if one.wrong):
                wrong = f"{one.probe.title}: {', '.join(one.wrong)}"
                raise GradingError(f"the solution is wrong in a probe: {wrong}")
            if len(seen) < len(probes):
                raise GradingError(f"the solution does not get through the probes of {module}")
            for name, evidence in terms_of(course, week, module, seen).items():
                terms[name] = terms.get(name, {}) | evidence
    return observing.used, terms


def compressed(arrays: Arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **dict(sorted(arrays.items())))  # type: ignore[arg-type]
    return buffer.getvalue()


def described(fingerprints: list[Fingerprint]) -> bytes:
    return as_json([ReleasedMistake(f.id, f.hint, f.module) for f in fingerprints])


def as_json(entries: list[ReleasedMistake] | list[ReleasedExplanation]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(entries), indent=2) + b"\n"
