"""Evidence of many mistakes in two arrays, and back."""

from __future__ import annotations

import numpy as np

from autograder.mistakes.evidence import Evidence, pack, unpack

FOUND: dict[str, Evidence] = {
    "one": {"a case": {"output": np.array([[1.5, np.nan]]), "ids": np.array([3, 4])}},
    "other": {
        "a case": {"output": np.zeros((0, 2), np.float32), "text": np.asarray("ä ''\n")},
        "b": {"output": np.array(True), "texts": np.asarray(["a list of one"])},
    },
    "nothing": {},
}


def test_what_is_packed_comes_back() -> None:
    back = unpack(pack(FOUND))
    assert back.keys() == {"one", "other"}
    for id, evidence in back.items():
        for check, labels in evidence.items():
            for label, array in labels.items():
                was = FOUND[id][check][label]
                assert str(array) == str(was)
                assert was.dtype.kind == "U" or (array.dtype, array.shape) == (was.dtype, was.shape)


def test_packing_again_changes_nothing() -> None:
    packed = pack(FOUND)
    again = pack(unpack(packed))
    assert all((packed[name] == again[name])[~np.isnan(packed[name])].all() for name in packed)
