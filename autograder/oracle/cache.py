"""Arrays by key, in a file that several processes share."""

from __future__ import annotations

import contextlib
import io
import os
import sqlite3
import threading
from pathlib import Path

import numpy as np

from autograder.results import private_folder
from autograder.sandbox.protocol import Array

Arrays = dict[str, Array]
OPEN: dict[str, Cache] = {}  # by path: a batch reads each expected value once


def cache_of(root: Path) -> Cache:
    """The cache of the course at `root`, one for each process and thread."""
    path = root / ".cache" / "oracles.sqlite"
    return OPEN.setdefault(f"{path} {os.getpid()} {threading.get_ident()}", Cache(path))


class Cache:
    """Arrays by key in a file that several processes share.

    It only saves time: a damaged file is started anew, and one that can't be used is not used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.memory: dict[str, Arrays] = {}
        self.database: sqlite3.Connection | None = None

    def connect(self) -> sqlite3.Connection:
        if self.database is None:
            private_folder(self.path.parent)
            self.path.touch(mode=0o600)
            self.database = open_database(self.path)
        return self.database

    def get(self, key: str) -> Arrays | None:
        if key not in self.memory:
            query = "SELECT value FROM arrays WHERE key = ?"
            try:
                row = self.connect().execute(query, (key,)).fetchone()
            except (sqlite3.DatabaseError, OSError) as error:
                self.give_up(error)
                return None
            arrays = unpack(row[0]) if row else None
            if arrays is None:
                return None
            self.memory[key] = arrays
        return self.memory[key]

    def put(self, key: str, arrays: Arrays) -> None:
        self.memory[key] = arrays
        try:
            with self.connect() as database:
                database.execute("INSERT OR REPLACE INTO arrays VALUES (?, ?)", (key, pack(arrays)))
        except (sqlite3.DatabaseError, OSError) as error:
            self.give_up(error)

    def give_up(self, error: Exception) -> None:
        """Close the file; one that is damaged, not just full or locked, is removed."""
        if self.database is not None:
            self.database.close()
            self.database = None
        if not isinstance(error, (sqlite3.OperationalError, OSError)):
            remove(self.path)


def open_database(path: Path) -> sqlite3.Connection:
    """The database at `path`. Raises sqlite3.DatabaseError."""
    connection = sqlite3.connect(path, timeout=60)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("CREATE TABLE IF NOT EXISTS arrays (key TEXT PRIMARY KEY, value BLOB)")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def remove(path: Path) -> None:
    """Delete a database, and the files that SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def pack(arrays: Arrays) -> bytes:
    """Arrays as the bytes of an .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def unpack(data: bytes) -> Arrays | None:
    """The arrays in an .npz file; None if it is damaged."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except Exception:  # zipfile, zlib and NumPy each have their own
        return None
