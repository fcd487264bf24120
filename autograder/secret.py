"""The course secret: what checks draw their inputs from in grading. A file that git ignores.

Never an environment variable: those are inherited by processes and end up in logs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from course.errors import CourseError

FILE = ".course-secret"
SHORTEST = 16  # characters of a secret that somebody chose themselves


def load(root: Path) -> str:
    """The secret of the course at `root`, made on first use, readable by its owner only.

    Raises:
        CourseError: the file holds no secret; without one, inputs could be guessed.
    """
    path = root / FILE
    if not path.exists():
        create(path)
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if len(text) < SHORTEST:
        raise CourseError(f"{FILE} holds no secret. Delete it: a new one is made on the next run.")
    return text


def create(path: Path) -> None:
    """Write a new secret whole: to a file of its own, then linked into place."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
        with contextlib.suppress(FileExistsError):  # another process was first: its secret holds
            path.hardlink_to(partial)
    finally:
        partial.unlink(missing_ok=True)


def seed(secret: str, check: str) -> int:
    """The seed of a check's random numbers; `secret` is empty in a rehearsal."""
    return int.from_bytes(hashlib.sha256(f"{secret}\0{check}".encode()).digest()[:8], "big") >> 1
