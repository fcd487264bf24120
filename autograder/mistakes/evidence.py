"""What was wrong in the checks of a run, as arrays: to be compared, cached and released."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from autograder.checking.tools import Run
from autograder.oracle.cache import Arrays

Wrong = dict[str, NDArray[Any]]  # label -> what was wrong there
Evidence = dict[str, Wrong]  # by the id of the check

WORDS = 3  # different ones, of a value as text that few mistakes produce


def evidence_of(run: Run) -> Evidence:
    """What was wrong in each check, as arrays: text becomes an array of text."""
    return {
        check: {label: np.asarray(value) for label, value in labels.items()}
        for check, labels in run.evidence.items()
        if labels
    }


def tells(array: NDArray[Any]) -> bool:
    """Whether few mistakes can have produced this: another one hardly gives the same by chance.

    What is said of a failure, in an array without axes, is one of few categories: accepted, no
    array, an exception of some type. Zeros, ones, NaN, True are what very different mistakes give.
    """
    if array.dtype.kind in "US":
        return array.ndim > 0 and len(set(re.findall(r"\w+", str(array)))) >= WORDS
    if array.dtype.kind == "b" or not array.size:
        return False
    finite = array[np.isfinite(array)]
    return bool((finite != finite[:1]).any() or (finite[:1] % 1).any())


def flatten(evidence: Evidence) -> Arrays:
    return {f"{c}\t{label}": a for c, labels in evidence.items() for label, a in labels.items()}


def unflatten(arrays: Arrays) -> Evidence:
    evidence: Evidence = {}
    for key, array in arrays.items():
        check, _, label = key.partition("\t")
        evidence.setdefault(check, {})[label] = array
    return evidence


# ---- of many mistakes in few arrays: a file of thousands would be mostly their names -----------

INDEX, VALUES = "index", "values"


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """Where an array is: its mistake, check, label, dtype and shape; a text stands here itself."""

    id: str
    check: str
    label: str
    dtype: str
    shape: list[int]
    text: str = ""


def pack(found: Mapping[str, Evidence]) -> Arrays:
    """The evidence of several mistakes, by their ids."""
    entries, values = [], [np.zeros(0)]
    for id, evidence in found.items():
        for check, labels in evidence.items():
            for label, array in labels.items():
                text = str(array) if array.dtype.kind in "US" else ""
                dtype = "U" if array.dtype.kind in "US" else array.dtype.str
                entries.append(Entry(id, check, label, dtype, list(array.shape), text))
                if dtype != "U":
                    values.append(array.astype(np.float64).ravel())
    index = np.frombuffer(msgspec.json.encode(entries), np.uint8)
    return {INDEX: index, VALUES: np.concatenate(values)}


def unpack(arrays: Arrays) -> dict[str, Evidence]:
    """What was packed."""
    found: dict[str, Evidence] = {}
    place = 0
    for one in msgspec.json.decode(arrays[INDEX].tobytes(), type=list[Entry]):
        if one.dtype == "U":
            array: NDArray[Any] = np.asarray(one.text)
        else:
            size = int(np.prod(one.shape))
            values = arrays[VALUES][place : place + size]
            array, place = values.astype(one.dtype).reshape(one.shape), place + size
        found.setdefault(one.id, {}).setdefault(one.check, {})[one.label] = array
    return found
