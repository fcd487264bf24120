"""Loading a course's own files, which are trusted, by their place."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

MERGE_MARKERS = ("<<<<<<< ", "=======", ">>>>>>> ")
UNFINISHED_MERGE = (
    "is where git could not merge: keep one of the two versions, delete the lines that begin with "
    "<<<<<<<, ======= and >>>>>>>, and commit"
)


def merge_marker(text: str) -> int:
    """The line where git could not merge two versions of a text; 0 for none."""
    lines = text.split("\n")
    return next((n for n, line in enumerate(lines, 1) if line.startswith(MERGE_MARKERS[::2])), 0)


def load_file(path: Path) -> ModuleType:
    """The module in this file; run once. Two courses may have files of the same name.

    What lies beside it can be imported while it runs: `from given import data`.
    """
    name = f"{path.stem}_{hashlib.sha256(bytes(path.resolve())).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} can't be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with importable(path.parent):
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """What lies in `folder` can be imported inside."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def line_of(file: Path, error: BaseException) -> int | None:
    """The line of a file of ours where an error was raised; None if it wasn't in this file."""
    if isinstance(error, SyntaxError) and Path(error.filename or "") == file:
        return error.lineno
    lines = [
        f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == file
    ]
    return lines[-1] if lines else None


def what(error: BaseException) -> str:
    """An error in a word and a sentence, without its place."""
    if isinstance(error, SyntaxError) and (error.text or "").startswith(MERGE_MARKERS):
        return f"this {UNFINISHED_MERGE}"
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
