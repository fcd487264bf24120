"""Finds the mistake behind a failed check: the one whose wrong arrays are the submission's."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checking.tools import Run
from autograder.mistakes.fingerprints import Evidence, Fingerprint, evidence_of, of_modules, prepare
from autograder.options import Options
from autograder.results import FAILURES, CheckResult, Record


def explain(run: Run, record: Record, options: Options) -> None:
    """Give every failed check the hint of the mistake that explains it, where one does."""
    failed = [check for check in record.checks if check.verdict in FAILURES]
    modules = {check.module for check in failed}
    if run.course.has_solutions:
        prepare(run.course, run.week, modules, options)
    fingerprints = of_modules(run.course, run.week, modules, options)
    attribute(failed, evidence_of(run), fingerprints)


def attribute(
    failed: list[CheckResult], evidence: Evidence, fingerprints: list[Fingerprint]
) -> None:
    """Set `mistake` and `hint` of each failed check.

    Of several mistakes that fit a check, the one that explains most of the submission's
    failures wins; then the one that would break the fewest checks that the submission passes.
    """
    fitting = {
        check.id: [f for f in fingerprints if fits(f.evidence.get(check.id), evidence[check.id])]
        for check in failed
        if check.id in evidence
    }
    explained = Counter(f.id for candidates in fitting.values() for f in candidates)
    for check in failed:
        if candidates := fitting.get(check.id):

            def merit(f: Fingerprint, check: CheckResult = check) -> tuple[int, int, int]:
                surplus = len(f.evidence.keys() - evidence.keys())
                return explained[f.id], -surplus, len(f.evidence[check.id])

            best = max(candidates, key=merit)
            check.mistake, check.hint = best.id, best.hint


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
