"""Finds the mistake behind a failed check: the one whose wrong arrays are the submission's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checking.names import is_named_for
from autograder.checking.tools import Run
from autograder.mistakes.evidence import Evidence, Wrong, evidence_of
from autograder.mistakes.fingerprints import Fingerprint, of_modules
from autograder.options import Options
from autograder.results import FAILURES, CheckResult, Record, Verdict
from course.config import Week


@dataclass(frozen=True)
class Suspects:
    """What a failed check says of the catalogue's mistakes, by their ids."""

    fitting: dict[str, int] = field(default_factory=dict)  # and how much each explains there
    cleared: frozenset[str] = frozenset()  # they pass it, so it fails for another reason
    failing: frozenset[str] = frozenset()  # they fail it, whatever it looks like
    out: frozenset[str] = frozenset()  # they would fail a check that was passed


def explain(run: Run, record: Record, options: Options) -> dict[str, Suspects]:
    """Give every failed check the hint of the mistake that explains it, where one does.

    Returns:
        What each failed check says of mistakes, though it may not be enough to believe them.
    """
    modules = {check.module for check in record.checks if check.verdict in FAILURES}
    fingerprints = of_modules(run.course, run.week, modules, options)
    evidence = evidence_of(run)
    attribute(record.checks, evidence, fingerprints, run.week)
    return suspects(record.checks, evidence, fingerprints)


def suspects(
    checks: list[CheckResult], evidence: Evidence, fingerprints: list[Fingerprint]
) -> dict[str, Suspects]:
    """The mistakes that get wrong in a failed check what the submission does, and those that get
    nothing wrong there."""
    passed = {check.id for check in checks if check.verdict is Verdict.PASSED}
    possible = [one for one in fingerprints if passed.isdisjoint(one.fails)]
    out = frozenset(one.id for one in fingerprints if one not in possible)
    found = {}
    for check in (one.id for one in checks if one.verdict in FAILURES):
        wrong = evidence.get(check, {})
        fitting = [one for one in possible if fits(one.evidence.get(check), wrong)]
        found[check] = Suspects(
            {one.id: len(one.evidence[check]) for one in fitting},
            frozenset(one.id for one in fingerprints if check not in one.fails),
            frozenset(one.id for one in possible if check in one.fails),
            out,
        )
    return found


def attribute(
    checks: list[CheckResult], evidence: Evidence, fingerprints: list[Fingerprint], week: Week
) -> None:
    """Set `mistake` and `hint` of each failed check, and what else is wrong in it."""
    verdicts = {check.id: check.verdict for check in checks}
    found = explanations(verdicts, evidence, fingerprints, week)
    for check in checks:
        if best := found.get(check.id):
            check.mistake, check.hint = best[0].id, best[0].hint
            check.also = {one.id: one.hint for one in best[1:]}


def explanations(
    verdicts: Mapping[str, Verdict],
    evidence: Evidence,
    fingerprints: Collection[Fingerprint],
    week: Week,
) -> dict[str, list[Fingerprint]]:
    """The mistakes behind each failed check, by the check's id: mostly one, and more if each of
    them is behind other arrays.

    A mistake that fails a check which the submission passed is out, and so is one that gives
    other arrays in most of the checks that both fail.
    """
    failed = {check for check, verdict in verdicts.items() if verdict in FAILURES}
    passed = {check for check, verdict in verdicts.items() if verdict is Verdict.PASSED}
    wrong = {check: evidence.get(check, {}) for check in failed}
    possible = [f for f in fingerprints if passed.isdisjoint(f.fails) and fits_most(f, wrong)]
    certain = by_arrays(possible, wrong, week)
    told = {f.id for found in certain.values() for f in found}
    others = [f for f in possible if f.id not in told]
    left = without(wrong, certain)
    found = {check: [one] for check, one in by_categories(others, left, week).items()} | certain
    beside = by_categories(others, left | remaining(wrong, certain), week)
    return {c: [*f, beside[c]] if c in certain and c in beside else f for c, f in found.items()}


def by_arrays(
    possible: list[Fingerprint], wrong: Evidence, week: Week
) -> dict[str, list[Fingerprint]]:
    """The mistakes whose arrays tell that it is they.

    They are believed if with each other they account for half of what is wrong in a class: one
    that does so for little of it has met the same arrays by chance.

    Of several that fit a check, the one that explains most of the submission's failures wins;
    then the one that would break the fewest checks that the submission didn't come to. Another is
    told behind it if it is behind none of the same arrays.
    """
    fitting = {
        check: [f for f in possible if fits(f.evidence.get(check), wrong[check])] for check in wrong
    }
    told = {f.id for check, found in fitting.items() for f in found if f.tells(check)}
    fitting = {check: [f for f in found if f.id in told] for check, found in fitting.items()}
    explained = Counter(f.id for candidates in fitting.values() for f in candidates)
    accounted = {
        check: {label for f in found for label in f.evidence[check]}
        for check, found in fitting.items()
    }

    def believed(mistake: Fingerprint) -> bool:
        checks = related(mistake, wrong, week)
        counts = [(len(accounted[check]), len(wrong[check])) for check in checks]
        return 2 * sum(known for known, _ in counts) >= sum(all_ for _, all_ in counts)

    def merit(fingerprint: Fingerprint, check: str) -> tuple[int, int, int]:
        surplus = len(fingerprint.evidence.keys() - wrong.keys())
        return explained[fingerprint.id], -surplus, len(fingerprint.evidence[check])

    best = {
        check: apart(sorted(found, key=partial(merit, check=check), reverse=True), check)
        for check, found in fitting.items()
    }
    sure = {check: [*filter(believed, found)] for check, found in best.items()}
    return {check: found for check, found in sure.items() if found}


def apart(ordered: list[Fingerprint], check: str) -> list[Fingerprint]:
    """The first one, and those that get none of the same wrong in this check."""
    chosen: list[Fingerprint] = []
    for one in ordered:
        if all(one.evidence[check].keys().isdisjoint(f.evidence[check]) for f in chosen):
            chosen.append(one)
    return chosen


def by_categories(
    possible: list[Fingerprint], wrong: Evidence, week: Week
) -> dict[str, Fingerprint]:
    """The mistakes of which nothing speaks but what kind of failure each check ended with.

    Anybody may accept an argument, or return zeros, for any reason. So nothing else may be wrong
    in the class, and no other mistake of the catalogue may be wrong in just this.
    """
    whole = [f for f in possible if is_all(f, wrong)]
    found = {check: [f for f in whole if check in f.evidence] for check in wrong}
    return {
        check: candidates[0]
        for check, candidates in found.items()
        if len(candidates) == 1
        and all(found[other] for other in related(candidates[0], wrong, week))
    }


def without(wrong: Evidence, explained: Mapping[str, object]) -> Evidence:
    return {check: labels for check, labels in wrong.items() if check not in explained}


def remaining(wrong: Evidence, explained: Mapping[str, list[Fingerprint]]) -> Evidence:
    """What else is wrong in the checks that are explained."""
    found = {}
    for check, mistakes in explained.items():
        known = {label for one in mistakes for label in one.evidence[check]}
        found[check] = {label: a for label, a in wrong[check].items() if label not in known}
    return {check: labels for check, labels in found.items() if labels}


def related(mistake: Fingerprint, checks: Iterable[str], week: Week) -> list[str]:
    """Those of the checks that are of a class of which this mistake fails one."""
    names = {name for check in mistake.evidence for name in classes(check, week)}
    return [check for check in checks if names & classes(check, week)]


def classes(check: str, week: Week) -> set[str]:
    """The classes and functions that a check is named for; itself if there is none."""
    name = check.partition("::")[2]
    known = (one for names in week.modules.values() for one in names)
    return {one for one in known if is_named_for(name, one)} or {check}


def fits_most(mistake: Fingerprint, wrong: Evidence) -> bool:
    """Whether a mistake fits at least half of the checks that both it and the submission fail."""
    both = mistake.evidence.keys() & wrong.keys()
    return 2 * sum(fits(mistake.evidence[check], wrong[check]) for check in both) >= len(both)


def is_all(mistake: Fingerprint, wrong: Evidence) -> bool:
    """Whether in each check that this mistake fails nothing else is wrong."""
    checks = mistake.evidence.keys() & wrong.keys()
    return bool(checks) and all(
        fits(mistake.evidence[check], wrong[check])
        and mistake.evidence[check].keys() == wrong[check].keys()
        for check in checks
    )


def fits(mistake: Wrong | None, submission: Wrong) -> bool:
    """Whether all that the mistake gets wrong in a check, the submission gets wrong alike."""
    if not mistake:
        return False
    return all(
        label in submission and alike(array, submission[label]) for label, array in mistake.items()
    )


def alike(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """The same text, or the same numbers but for rounding."""
    if one.dtype.kind in "US" or other.dtype.kind in "US":
        return one.dtype.kind == other.dtype.kind and str(one) == str(other)
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if one.dtype.kind != "f":
        return bool((one == other).all())
    relative = 1e-3 if one.dtype.itemsize < 8 else 1e-6
    finite = np.abs(one[np.isfinite(one)])
    scale = float(finite.max(initial=0.0))
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(one - other)
        near = np.isfinite(error) & (error <= relative * np.abs(one) + relative * scale)
    return bool((near | (one == other) | (np.isnan(one) & np.isnan(other))).all())
