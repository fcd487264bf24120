"""Finds the mistake behind a failed check: the one whose wrong arrays are the submission's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checking.tools import Run
from autograder.mistakes.evidence import Evidence, evidence_of
from autograder.mistakes.fingerprints import Fingerprint, of_modules
from autograder.options import Options
from autograder.results import FAILURES, CheckResult, Record


def explain(run: Run, record: Record, options: Options) -> None:
    """Give every failed check the hint of the mistake that explains it, where one does."""
    failed = [check for check in record.checks if check.verdict in FAILURES]
    modules = {check.module for check in failed}
    fingerprints = of_modules(run.course, run.week, modules, options)
    attribute(failed, evidence_of(run), fingerprints)


def attribute(
    failed: list[CheckResult], evidence: Evidence, fingerprints: list[Fingerprint]
) -> None:
    """Set `mistake` and `hint` of each failed check."""
    found = explanations([check.id for check in failed], evidence, fingerprints)
    for check in failed:
        if best := found.get(check.id):
            check.mistake, check.hint = best.id, best.hint


def explanations(
    failed: Collection[str], evidence: Evidence, fingerprints: Collection[Fingerprint]
) -> dict[str, Fingerprint]:
    """The mistake behind each failed check, by the check's id, where there is one.

    Of several mistakes that fit a check, the one that explains most of the submission's
    failures wins; then the one that would break the fewest checks that the submission passes.
    """
    fitting = {
        check: [f for f in fingerprints if fits(f.evidence.get(check), evidence[check])]
        for check in failed
        if check in evidence
    }
    explained = Counter(f.id for candidates in fitting.values() for f in candidates)

    def merit(fingerprint: Fingerprint, check: str) -> tuple[int, int, int]:
        surplus = len(fingerprint.evidence.keys() - evidence.keys())
        return explained[fingerprint.id], -surplus, len(fingerprint.evidence[check])

    return {
        check: max(candidates, key=partial(merit, check=check))
        for check, candidates in fitting.items()
        if candidates
    }


def fits(mistake: dict[str, NDArray[Any]] | None, submission: dict[str, NDArray[Any]]) -> bool:
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
