"""What was wrong in the checks of a run, as arrays: to be compared, cached and released."""

from __future__ import annotations

import math
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
    """Where an array is: the places of its names, dtype and shape; a text stands here itself."""

    id: int
    check: int
    label: int
    dtype: str
    shape: list[int]
    text: str = ""


class Index(msgspec.Struct, frozen=True):
    """All entries, and the names in them, once each."""

    names: list[str]
    entries: list[Entry]


def pack(found: Mapping[str, Evidence]) -> Arrays:
    """The evidence of several mistakes, by their ids."""
    entries, values, places = [], [np.zeros(0)], dict[str, int]()
    for id, evidence in found.items():
        for check, labels in evidence.items():
            for label, array in labels.items():
                one, two, three = (places.setdefault(n, len(places)) for n in (id, check, label))
                if array.dtype.kind in "US":
                    entries.append(Entry(one, two, three, "U", [], str(array)))
                else:
                    shape = list(array.shape)
                    entries.append(Entry(one, two, three, array.dtype.str, shape))
                    values.append(array.astype(np.float64).ravel())
    index = np.frombuffer(msgspec.json.encode(Index(list(places), entries)), np.uint8)
    return {INDEX: index, VALUES: np.concatenate(values)}


def unpack(arrays: Arrays) -> dict[str, Evidence]:
    """What was packed."""
    found: dict[str, Evidence] = {}
    index = msgspec.json.decode(arrays[INDEX].tobytes(), type=Index)
    place = 0
    for one in index.entries:
        if one.dtype == "U":
            array: NDArray[Any] = np.asarray(one.text)
        else:
            size = math.prod(one.shape)
            values = arrays[VALUES][place : place + size]
            array, place = values.astype(one.dtype).reshape(one.shape), place + size
        id, check, label = (index.names[n] for n in (one.id, one.check, one.label))
        found.setdefault(id, {}).setdefault(check, {})[label] = array
    return found
