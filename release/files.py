"""Generated files: read from a folder, compared with each other, written without half-states.

A set of files is a dict from the path below assignments/, with forward slashes, to the bytes.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Files = dict[str, bytes]
STAGED = ".new"
RTOL = 1e-9  # torch's last bits differ between machines
RTOL_SINGLE = 1e-5  # the same for float32


class Changes(NamedTuple):
    """What sets two sets of files apart."""

    missing: list[str]
    changed: list[str]
    stale: list[str]

    def __bool__(self) -> bool:
        return any(self)


def read_tree(root: Path, folders: Iterable[str]) -> Files:
    """Every file in these folders of `root`, or these files; caches and hidden ones left out.

    Other programs may be at work here: what goes away meanwhile isn't there.
    """
    files = {}
    for path in sorted(path for folder in folders for path in walk(root / folder)):
        with contextlib.suppress(FileNotFoundError):
            files[path.relative_to(root).as_posix()] = path.read_bytes()
    return files


def walk(start: Path) -> Iterator[Path]:
    """The files below a folder, or the file itself. (`rglob` fails where a folder goes away.)"""
    if start.is_file():
        yield start
    for place, folders, names in os.walk(start):
        folders[:] = [f for f in folders if f != "__pycache__" and not f.startswith(".")]
        yield from (Path(place, name) for name in names if not is_staged(name))


def is_staged(name: str) -> bool:
    """Whether a build is about to give this file its place, or was killed before it could."""
    return name.startswith(".") and name.endswith(STAGED)


def compare(new: Files, old: Files) -> Changes:
    """What has to happen to `old` for it to say the same as `new`."""
    shared = sorted(new.keys() & old.keys())
    return Changes(
        missing=sorted(new.keys() - old.keys()),
        changed=[path for path in shared if not same_content(path, new[path], old[path])],
        stale=sorted(old.keys() - new.keys()),
    )


def same_content(path: str, new: bytes, old: bytes) -> bool:
    """Equal bytes; numbers in .npz and .json files need only agree to rounding."""
    if new == old:
        return True
    try:
        if path.endswith(".npz"):
            return _same_arrays(_arrays(new), _arrays(old))
        if path.endswith(".json"):
            return _same_json(json.loads(new), json.loads(old))
    except Exception:  # a damaged file is just a different one
        return False
    return False


def write(root: Path, new: Files, changes: Changes) -> None:
    """Bring the changes to `root`: first all files beside their places, then every rename."""
    staged: dict[Path, Path] = {}
    try:
        for name in (*changes.missing, *changes.changed):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            staged[path] = path.with_name(f".{path.name}{STAGED}")
            staged[path].write_bytes(new[name])
    except BaseException:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)
        raise
    for path, temporary in staged.items():
        temporary.replace(path)
    for name in changes.stale:
        _remove(root / name, root)


def _remove(path: Path, root: Path) -> None:
    """Delete a file, and the folders that it leaves empty."""
    path.unlink()
    for folder in path.parents:
        if folder == root or any(folder.iterdir()):
            return
        folder.rmdir()


def _arrays(content: bytes) -> dict[str, NDArray[Any]]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return dict(archive)


def _same_arrays(new: dict[str, NDArray[Any]], old: dict[str, NDArray[Any]]) -> bool:
    return new.keys() == old.keys() and all(_same_array(new[k], old[k]) for k in new)


def _same_array(new: NDArray[Any], old: NDArray[Any]) -> bool:
    if new.shape != old.shape or new.dtype != old.dtype:
        return False
    if new.dtype.kind not in "fc":
        return np.array_equal(new, old)
    rtol = RTOL if new.dtype.itemsize >= 8 else RTOL_SINGLE
    finite = np.abs(old[np.isfinite(old)])
    atol = rtol * float(finite.max(initial=0.0))
    return np.allclose(new, old, rtol=rtol, atol=atol, equal_nan=True)


def _same_json(new: Any, old: Any) -> bool:
    if isinstance(new, float) and isinstance(old, float):
        return new == old or math.isclose(new, old, rel_tol=RTOL)
    if type(new) is not type(old):
        return False
    if isinstance(new, dict):
        return new.keys() == old.keys() and all(_same_json(new[k], old[k]) for k in new)
    if isinstance(new, list):
        return len(new) == len(old) and all(map(_same_json, new, old))
    return bool(new == old)
