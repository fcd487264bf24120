"""Expected values for checks: recorded, or cached, or computed by torch, in this order.

`oracle.module(...)` is the function `module` of autograder/oracles/module.py. Its result is
found under a hash of its arguments, its source and torch's version, so a warm cache answers
without importing torch. Public checks of a released week are answered from a recorded file, by
the check's name and the position of the call in it: a student's machine has no torch at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.metadata
import io
import sqlite3
from collections.abc import Callable, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = dict[str, Array]
ORACLES = Path(__file__).with_name("oracles")
RECORDED = "expected.npz"


class NoOracle(Exception):
    """An expected value is neither recorded nor cached, and torch isn't there to compute it."""


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
            self.path.parent.mkdir(parents=True, exist_ok=True)
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


class Recorded:
    """The expected values that were released with the public checks."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        return self.path.is_file()

    @cached_property
    def arrays(self) -> Mapping[str, Array]:
        with np.load(self.path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}

    def get(self, key: str) -> Arrays | None:
        prefix = f"{key}/"
        found = {k[len(prefix) :]: v for k, v in self.arrays.items() if k.startswith(prefix)}
        return found or None


class Oracle:
    """The expected values of one check, as attributes of what each call returns."""

    def __init__(self, check: str, cache: Cache, recorded: Recorded | None) -> None:
        self.check, self.cache, self.recorded = check, cache, recorded
        self.used: dict[str, Arrays] = {}  # by recording key, for `autograder record`

    def __getattr__(self, name: str) -> Callable[..., SimpleNamespace]:
        if name.startswith("_") or not (ORACLES / f"{name}.py").is_file():
            raise AttributeError(f"no oracle {name}: there is no autograder/oracles/{name}.py")

        def call(*args: Any, **kwargs: Any) -> SimpleNamespace:
            return self.look_up(name, args, kwargs)

        return call

    def look_up(self, name: str, args: Any, kwargs: Any) -> SimpleNamespace:
        place = f"{self.check}#{len(self.used)}"
        arrays = self.recorded.get(place) if self.recorded else None
        if arrays is None:
            key = fingerprint(name, args, kwargs)
            arrays = self.cache.get(key)
            if arrays is None:
                arrays = compute(name, args, kwargs)
                self.cache.put(key, arrays)
        self.used[place] = arrays
        return SimpleNamespace(**arrays)


def compute(name: str, args: Any, kwargs: Any) -> Arrays:
    """Call the oracle; the only place where torch is imported."""
    try:
        function = getattr(importlib.import_module(f"autograder.oracles.{name}"), name)
    except ImportError as error:  # it isn't there, or it is broken
        raise NoOracle(
            f"torch can't be imported ({error}), and this expected value is not recorded: "
            "install the instructor's packages with `make setup-instructor`"
        ) from error
    result = function(*args, **kwargs)
    return {key: np.asarray(value) for key, value in result.items()}


def fingerprint(name: str, args: Any, kwargs: Any) -> str:
    """A hash of an oracle's arguments, its source and torch's version."""
    digest = hashlib.sha256(f"{name}\0{source_hash(name)}\0{torch_version()}".encode())
    feed(digest.update, [list(args), dict(kwargs)])
    return digest.hexdigest()


@cache
def source_hash(name: str) -> str:
    return hashlib.sha256((ORACLES / f"{name}.py").read_bytes()).hexdigest()


@lru_cache(maxsize=1)
def torch_version() -> str:
    """The installed torch's version, without importing it."""
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return "none"


def feed(update: Callable[[bytes], object], value: Any) -> None:
    """Feed a value into a hash, so that different values give different bytes."""
    if isinstance(value, (np.ndarray, np.generic)):
        update(f"array {value.dtype.str} {value.shape}\0".encode())
        update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, Mapping):
        update(f"mapping {len(value)}\0".encode())
        for key in sorted(value):
            update(f"{key}\0".encode())
            feed(update, value[key])
    elif isinstance(value, (list, tuple)):
        update(f"sequence {len(value)}\0".encode())
        for item in value:
            feed(update, item)
    elif value is None or isinstance(value, (bool, int, float, str)):
        update(f"{type(value).__name__} {value!r}\0".encode())
    else:
        raise TypeError(f"an oracle takes arrays and plain values, not a {type(value).__name__}")
