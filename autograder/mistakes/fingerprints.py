"""What each mistake of the catalogue looks like: the wrong arrays that it produces on each check.

They are found by running it, on the same inputs that a submission gets. A released week carries
those of its rehearsal, so that a student's machine needs no solution.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from autograder.mistakes.effects import CHECKS, Effect, effects
from autograder.mistakes.evidence import Evidence, tells, unflatten
from autograder.mistakes.keys import Part
from autograder.options import Options, public_only
from autograder.oracle.released import FILE as EXPECTED
from autograder.oracle.released import Released
from autograder.results import FAILURES, Verdict
from course import catalogue
from course.config import Course, Week

RELEASED = "mistakes.json"
ENDS = FAILURES | {Verdict.CRASHED, Verdict.MEMORY}


@dataclass(frozen=True)
class Fingerprint:
    """A mistake's id and hint, its module, and what it does to the checks."""

    id: str
    hint: str
    module: str
    evidence: Evidence
    ends: frozenset[str] = frozenset()  # checks that it fails without an array to show for it

    @property
    def fails(self) -> frozenset[str]:
        """The checks that it is known to fail."""
        return self.ends.union(self.evidence)

    def tells(self, check: str) -> bool:
        """Whether something that it gets wrong in a check is hardly got wrong alike by chance."""
        return any(tells(array) for array in self.evidence[check].values())


class ReleasedMistake(msgspec.Struct, frozen=True):
    """What a student's checkout knows of a mistake: no line of the solution."""

    id: str
    hint: str
    module: str


def of_modules(
    course: Course,
    week: Week,
    modules: Collection[str],
    options: Options,
    doing: str = "learning to recognise mistakes",
) -> list[Fingerprint]:
    """The fingerprints of the mistakes in these modules, made where they aren't cached."""
    if not course.has_solutions:
        return released(course, week)
    chosen = [m for m in catalogue.load(course, week) if m.module in modules]
    parts = (Part.REHEARSAL,) if public_only(course, options) else CHECKS
    found = effects(course, week, dict.fromkeys(chosen, parts), options, doing)
    return [
        Fingerprint(m.id, m.hint, m.module, found[m.id].evidence, ended(found[m.id]))
        for m in chosen
    ]


def ended(effect: Effect) -> frozenset[str]:
    """The checks that a mistake fails, whatever time they take."""
    return frozenset(check for check, verdict in effect.verdicts.items() if verdict in ENDS)


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
