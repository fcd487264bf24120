"""Expected values: released, cached, computed; and what happens to a broken cache."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.oracle import expected as oracle
from autograder.oracle.cache import Cache, pack
from autograder.oracle.expected import NoOracle, Oracle, key_of, sources_key
from autograder.oracle.released import Released

ORACLES = Path(__file__).parents[2] / "solutions" / "oracles"
ARRAYS = {"output": np.arange(6.0).reshape(2, 3), "text": np.array(["a", "b"])}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "oracles.sqlite"


@pytest.fixture
def caches(path: Path) -> Iterator[list[Cache]]:
    """Caches on one file, as in several processes: none has the others' memory."""
    made = [Cache(path) for _ in range(4)]
    yield made
    for cache in made:
        if cache.database is not None:
            cache.database.close()


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that would have imported torch."""
    calls: list[str] = []

    def compute(_folder: Path, name: str, args: Any, kwargs: Any) -> dict[str, Any]:
        calls.append(name)
        return {"output": np.asarray(args[0]) + 1}

    monkeypatch.setattr(oracle, "compute", compute)
    return calls


def same(one: Any, other: Any) -> bool:
    return one is not None and all((one[name] == other[name]).all() for name in other)


def test_value_is_found_again_in_another_process(caches: list[Cache]) -> None:
    assert caches[0].get("key") is None
    caches[0].put("key", ARRAYS)
    assert same(caches[1].get("key"), ARRAYS)
    assert caches[1].get("another") is None


def test_processes_write_the_same_file_at_the_same_time(caches: list[Cache]) -> None:
    for number, cache in enumerate(caches):
        assert cache.get("first") is None or number
        cache.put(f"{number}", ARRAYS)
        cache.put("first", ARRAYS)
    assert all(same(cache.get(f"{n}"), ARRAYS) for cache in caches for n in range(4))


@pytest.mark.parametrize("damage", [b"", b"garbage" * 1000, None])
def test_damaged_file_is_started_anew(
    path: Path, caches: list[Cache], damage: bytes | None
) -> None:
    for number in range(200):
        caches[0].put(f"{number}", ARRAYS)
    assert caches[0].database is not None
    caches[0].database.close()
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xaa" * (len(data) - 4096) if damage is None else damage)
    assert caches[1].get("7") is None
    caches[1].put("7", ARRAYS)
    caches[1].put("8", ARRAYS)
    assert same(caches[2].get("8"), ARRAYS)


def test_damaged_value_is_computed_again(caches: list[Cache]) -> None:
    caches[0].put("key", ARRAYS)
    for broken in (pack(ARRAYS)[:-30], b"", b"PK\3\4" + bytes(100), b"\x93NUMPY"):
        with caches[1].connect() as database:
            database.execute("UPDATE arrays SET value = ?", (broken,))
        assert caches[2].get("key") is None
    caches[2].put("key", ARRAYS)
    assert same(caches[3].get("key"), ARRAYS)


def test_pickled_value_is_not_loaded(caches: list[Cache]) -> None:
    caches[0].put("key", ARRAYS)
    with caches[0].connect() as database:
        pickled = pack({"output": np.array([print], dtype=object)})
        database.execute("UPDATE arrays SET value = ?", (pickled,))
    assert caches[1].get("key") is None


@pytest.mark.parametrize("place", ["a file/oracles.sqlite", "a folder"])
def test_file_that_cannot_be_used_is_done_without(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "a folder").mkdir()
    cache = Cache(tmp_path / place)
    assert cache.get("key") is None
    cache.put("key", ARRAYS)
    assert same(cache.get("key"), ARRAYS)


def test_full_disk_costs_time_and_nothing_else(
    caches: list[Cache], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def __enter__(self) -> Any:
            raise sqlite3.OperationalError("database or disk is full")

        def __exit__(self, *_: object) -> None: ...

        def close(self) -> None: ...

    caches[0].put("before", ARRAYS)
    with monkeypatch.context() as patch:
        patch.setattr(caches[1], "connect", Full)
        caches[1].put("key", ARRAYS)
    assert same(caches[1].get("key"), ARRAYS)
    assert same(caches[2].get("before"), ARRAYS)
    assert caches[2].get("key") is None


# ---- keys --------------------------------------------------------------------------------------

X = np.arange(4.0)
CALLS: list[tuple[list[Any], dict[str, Any]]] = [
    ([X], {}),
    ([X + 1], {}),
    ([X.reshape(2, 2)], {}),
    ([X.astype(np.float32)], {}),
    ([list(X)], {}),
    ([X, None], {}),
    ([X], {"dim": 0}),
    ([X], {"dim": 0.0}),
    ([X], {"dim": False}),
    ([X], {"dim": "0"}),
    ([X], {"dims": 0}),
    ([[X], X], {}),
    ([[X, X]], {}),
    ([["a", "b"]], {}),
    ([["ab"]], {}),
    ([{"a": X}], {}),
    ([], {}),
]


def test_different_calls_have_different_keys() -> None:
    assert len(CALLS) == len({key_of(ORACLES, "layer", args, kwargs) for args, kwargs in CALLS})


def test_key_depends_on_values_not_on_how_they_lie_in_memory() -> None:
    square = X.reshape(2, 2)
    transposed = np.asfortranarray(square)
    assert key_of(ORACLES, "layer", [square], {}) == key_of(ORACLES, "layer", [transposed], {})


def test_key_changes_with_the_sources_and_with_what_they_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = []
    for source in ("import torch\n", "import torch\n# edited\n"):
        (tmp_path / "layer.py").write_text(source)
        sources_key.cache_clear()
        keys.append(key_of(tmp_path, "layer", [X], {}))
    monkeypatch.setattr(oracle, "version_of", lambda package: {"torch": "3.0"}[package])
    sources_key.cache_clear()
    keys.append(key_of(tmp_path, "layer", [X], {}))
    assert 3 == len(set(keys))


def test_object_has_no_key() -> None:
    with pytest.raises(TypeError, match="not a object"):
        key_of(ORACLES, "layer", [object()], {})


# ---- where a value comes from ------------------------------------------------------------------


def release(path: Path, **arrays: Any) -> Released:
    np.savez(path, **arrays)
    return Released(path)


def test_value_is_computed_once_and_then_cached(caches: list[Cache], computed: list[str]) -> None:
    for cache in caches[:2]:
        assert 2.0 == Oracle("check", ORACLES, cache, None).layer(1.0).output
    assert ["layer"] == computed


def test_released_value_goes_before_the_cache(
    tmp_path: Path, caches: list[Cache], computed: list[str]
) -> None:
    Oracle("check", ORACLES, caches[0], None).layer(1.0)
    released = release(tmp_path / "r.npz", **{"check#0/output": np.array(7.0)})
    fresh = Oracle("check", ORACLES, caches[1], released)
    assert 7.0 == fresh.layer(1.0).output
    assert 2.0 == fresh.layer(1.0).output  # the second call isn't released
    assert ["layer"] == computed


def test_calls_of_a_check_are_counted_for_the_release(
    caches: list[Cache], computed: list[str]
) -> None:
    asked = Oracle("check", ORACLES, caches[0], None)
    asked.layer(1.0)
    asked.layer(2.0)
    assert ["check#0", "check#1"] == list(asked.used)


def test_oracle_that_does_not_exist_is_named(caches: list[Cache]) -> None:
    with pytest.raises(
        NoOracle, match=r'there is no solutions/oracles/layr\.py\. Did you mean "layer"\?'
    ):
        Oracle("check", ORACLES, caches[0], None).layr(1.0)


def test_oracle_without_its_function_is_named(tmp_path: Path, caches: list[Cache]) -> None:
    (tmp_path / "layer.py").write_text("")
    with pytest.raises(NoOracle, match=r"layer\.py defines no function layer"):
        Oracle("check", tmp_path, caches[0], None).layer(1.0)


def test_missing_torch_is_explained(
    tmp_path: Path, caches: list[Cache], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "layer.py").write_bytes((ORACLES / "layer.py").read_bytes())
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(NoOracle, match=r"layer\.py:\d+: can't be loaded.*install what the oracles"):
        Oracle("check", tmp_path, caches[0], None).layer("ReLU", [], {}, {}, [X])
