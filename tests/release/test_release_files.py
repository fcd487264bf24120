"""Generated files are compared by what they say."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from release.files import read_tree, same_content


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


def test_what_other_programs_put_down_for_a_while_is_no_file_of_the_release(tmp_path: Path) -> None:
    (tmp_path / "week_1/__pycache__").mkdir(parents=True)
    for name in ("linear.py", "__pycache__/linear.pyc.123", ".linear.py.new", ".gitkeep"):
        (tmp_path / "week_1" / name).write_text(name)
    assert {"week_1/linear.py", "week_1/.gitkeep"} == read_tree(tmp_path, ["week_1"]).keys()


def test_a_file_and_a_folder_that_go_away_meanwhile_are_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("stays", "goes"):
        (tmp_path / folder).mkdir()
        for name in ("a.py", "b.py"):
            (tmp_path / folder / name).write_text(name)
    look = os.scandir

    def scandir(path: str) -> Any:
        if path == str(tmp_path / "goes"):
            shutil.rmtree(path)
        if path == str(tmp_path / "stays"):
            entries = look(path)
            (tmp_path / "stays" / "b.py").unlink()
            return entries
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert {"stays/a.py": b"a.py"} == read_tree(tmp_path, ["stays", "goes"])
