"""What was wrong in the checks of a run, as arrays: to be compared, cached and released."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checking.tools import Run
from autograder.oracle.cache import Arrays

Evidence = dict[str, dict[str, NDArray[Any]]]  # check id -> label -> what was wrong there


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
