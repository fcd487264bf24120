"""Generated files are compared by what they say."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from release.files import same_content


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("new", "old", "same"),
    [
        (npz(a=np.ones(3)), npz(a=np.ones(3) * (1 + 1e-12)), True),
        (npz(a=np.array([1.0, 0.0])), npz(a=np.array([1.0, 1e-16])), True),
        (npz(a=np.ones(3)), npz(a=np.ones(3) * (1 + 1e-8)), False),
        (npz(a=np.ones(3, "f4")), npz(a=np.ones(3, "f4") * np.float32(1 + 1e-6)), True),
        (npz(a=np.ones(3, "f4")), npz(a=np.ones(3, "f4") * np.float32(1 + 1e-3)), False),
        (npz(a=np.ones(3)), npz(a=np.ones(3, "f4")), False),
        (npz(a=np.ones(3)), npz(a=np.ones((3, 1))), False),
        (npz(a=np.ones(3)), npz(b=np.ones(3)), False),
        (npz(a=np.ones(3, int)), npz(a=np.full(3, 2)), False),
        (npz(a=np.array([np.nan, np.inf])), npz(a=np.array([np.nan, np.inf])), True),
        (npz(a=np.array([np.nan, 1.0])), npz(a=np.array([1.0, np.nan])), False),
        (npz(a=np.ones(3)), b"damaged", False),
        (npz(a=np.ones(0)), npz(a=np.ones(0)), True),
    ],
)
def test_arrays_are_compared_by_value(new: bytes, old: bytes, same: bool) -> None:
    assert same == same_content("expected.npz", new, old)


@pytest.mark.parametrize(
    ("new", "old", "same"),
    [
        (b'{"a": [1.0, "x"]}', b'{"a":[1.0000000000001,"x"]}', True),
        (b'{"a": [1.0]}', b'{"a": [1.1]}', False),
        (b'{"a": [1.0]}', b'{"a": [1.0, 2.0]}', False),
        (b'{"a": 1}', b'{"b": 1}', False),
        (b'{"a": 1}', b'{"a": true}', False),
        (b'{"a": "x"}', b'{"a": "y"}', False),
        (b"{}", b"damaged", False),
    ],
)
def test_json_is_compared_by_value(new: bytes, old: bytes, same: bool) -> None:
    assert same == same_content("mistakes.json", new, old)


def test_other_files_are_compared_byte_by_byte() -> None:
    assert not same_content("a.py", b"x = 1", b"x = 1\n")
