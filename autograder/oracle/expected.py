"""Expected values for checks: released, or cached, or computed by an oracle, in this order.

`oracle.layer(...)` is the function `layer` of the course's oracles/layer.py: any trusted function
from arrays to arrays. Its result is found under a key made of its arguments, the oracles' sources
and the versions of what they import, so a warm cache answers without importing any. Public checks
of a released week are answered from a file, by the check's name and the position of the call in
it: a student's machine has no oracle at all.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np

from autograder.loading import line_of, load_file, what
from autograder.oracle.cache import Arrays, Cache
from autograder.oracle.released import Released
from course.errors import did_you_mean


class NoOracle(Exception):
    """An expected value is neither released nor cached, and nothing is there to compute it."""


class OracleFailed(Exception):
    """An oracle raised an exception."""


class Oracle:
    """The expected values of one check, as attributes of what each call returns.

    Args:
        folder: holds the oracles, a file for each.
    """

    def __init__(self, check: str, folder: Path, cache: Cache, released: Released | None) -> None:
        self.check, self.folder, self.cache, self.released = check, folder, cache, released
        self.used: dict[str, Arrays] = {}  # by place, for a release

    def __getattr__(self, name: str) -> Callable[..., SimpleNamespace]:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*args: Any, **kwargs: Any) -> SimpleNamespace:
            return self.look_up(name, args, kwargs)

        return call

    def look_up(self, name: str, args: Any, kwargs: Any) -> SimpleNamespace:
        place = f"{self.check}#{len(self.used)}"
        arrays = self.released.get(place) if self.released else None
        if arrays is None:
            key = key_of(self.folder, name, args, kwargs)
            arrays = self.cache.get(key)
            if arrays is None:
                arrays = compute(self.folder, name, args, kwargs)
                self.cache.put(key, arrays)
        self.used[place] = arrays
        return SimpleNamespace(**arrays)


def compute(folder: Path, name: str, args: Any, kwargs: Any) -> Arrays:
    """Call an oracle; the only place where what it imports is loaded.

    Raises:
        NoOracle: there is none of this name, or it can't be loaded.
        OracleFailed: it raised an exception.
    """
    if not folder.is_dir():  # a student's checkout
        raise NoOracle(
            f"an expected value of {name} was not released, and there are no oracles here to "
            "compute it: bring the week's checks back with `git checkout`"
        )
    function = load_oracle(folder / f"{name}.py")
    try:
        result = function(*args, **kwargs)
    except Exception as error:
        raise OracleFailed(f"the oracle {name} failed: {what(error)}") from error
    return {key: np.asarray(value) for key, value in result.items()}


def load_oracle(file: Path) -> Callable[..., Mapping[str, Any]]:
    """The function of an oracle's file, which has the file's name.

    Raises:
        NoOracle: there is no such file or function, or the file can't be loaded.
    """
    name, place = file.stem, "/".join(file.parts[-3:])  # solutions/oracles/layer.py
    if not file.is_file():
        known = sorted(path.stem for path in file.parent.glob("*.py") if path.stem != "__init__")
        guess = did_you_mean(name, known)
        raise NoOracle(f"no oracle {name}: there is no {place}.{guess}")
    try:
        module = load_file(file)
    except Exception as error:  # what it imports isn't there or is broken, or it is itself
        raise NoOracle(
            f"{place}:{line_of(file, error) or 1}: can't be loaded: {what(error)}. This expected "
            "value is neither released nor cached: install what the oracles import"
        ) from error
    function: Callable[..., Mapping[str, Any]] | None = getattr(module, name, None)
    if function is None:
        raise NoOracle(f"{place} defines no function {name}")
    return function


def key_of(folder: Path, name: str, args: Any, kwargs: Any) -> str:
    """A hash of an oracle's arguments, of all oracles' sources and of what they import."""
    call = (name, sources_key(folder), list(args), dict(kwargs))
    return hashlib.sha256(ENCODER.encode(call)).hexdigest()


@lru_cache(maxsize=8)
def sources_key(folder: Path) -> str:
    """A hash of the oracles' files, and of the versions of the packages that they import."""
    key = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        source = path.read_bytes()
        packages = imports(source) - sys.stdlib_module_names
        versions = sorted(f"{package} {version_of(package)}" for package in packages)
        key.update(f"{path.name}\0{versions}\0".encode() + source)
    return key.hexdigest()


@lru_cache(maxsize=64)
def imports(source: bytes) -> frozenset[str]:
    """The packages that a file imports; none if it isn't Python, which is said when it is used."""
    try:
        nodes = list(statements(ast.parse(source)))
    except (SyntaxError, ValueError):
        return frozenset()
    names = [alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return frozenset(name.partition(".")[0] for name in names)


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """All statements in a node. (To walk all that is in them takes four times as long.)"""
    for name in ("body", "orelse", "handlers", "finalbody", "cases"):
        for inside in getattr(node, name, ()):
            if isinstance(inside, ast.stmt):
                yield inside
            yield from statements(inside)


@lru_cache(maxsize=64)
def version_of(package: str) -> str:
    """The installed version of a package, without importing it."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def plain(value: Any) -> msgspec.msgpack.Ext:
    """An array as bytes that tell arrays apart by dtype, shape and values, not by their layout."""
    if not isinstance(value, (np.ndarray, np.generic)):
        raise TypeError(f"an oracle takes arrays and plain values, not a {type(value).__name__}")
    form = f"{value.dtype.str} {value.shape}\0".encode()
    if value.nbytes < LARGE:
        return msgspec.msgpack.Ext(0, form + value.tobytes())
    inside = np.ascontiguousarray(value)  # no copy, as a rule
    return msgspec.msgpack.Ext(1, form + hashlib.sha256(inside.data).digest())


LARGE = 1 << 14  # bytes of an array of which a hash stands in a key
ENCODER = msgspec.msgpack.Encoder(enc_hook=plain, order="deterministic")
