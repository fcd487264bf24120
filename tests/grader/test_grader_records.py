"""Records on disk: names that stay apart, seals that hold, and whom they can be read by."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import records
from autograder.records import identity, is_identity, shown
from autograder.results import Record, decode, encode

SECRET = "a secret for tests"
# Names as they come from a disk: any text, and bytes that aren't UTF-8.
on_disk = st.binary(max_size=80).map(lambda data: data.decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (r"ada-lovelace_2", "ada-lovelace_2"),
        (r"ada-[0-9a-f]{12}", "Ada"),
        (r"etc-passwd-[0-9a-f]{12}", "../../etc/passwd"),
        (r"index-[0-9a-f]{12}", "index"),
        (r"con-[0-9a-f]{12}", "con"),
        (r"[0-9a-f]{12}", "字"),
        (r"[0-9a-f]{12}", "\udcff"),
        (r"x{40}-[0-9a-f]{12}", "x" * 250),
        (r"ada-0123456789ab-[0-9a-f]{12}", "ada-0123456789ab"),
    ],
)
def test_files_have_readable_and_safe_names(pattern: str, name: str) -> None:
    assert re.fullmatch(pattern, identity(name))


def test_names_stay_apart_where_capitals_are_not_told_apart() -> None:
    names = ["ada", "Ada", "ada ", "ada\u200b", "a-da", "ADA", "ada\udcff", identity("Ada")]
    names += ["x" * 100 + "a", "x" * 100 + "b"]
    assert len(names) == len({identity(name).lower() for name in names})


@given(on_disk, on_disk)
def test_different_names_have_different_files(one: str, other: str) -> None:
    assert (one == other) == (identity(one) == identity(other))
    assert is_identity(identity(one))


@given(on_disk)
def test_shown_name_is_short_and_holds_nothing_that_can_not_be_seen(name: str) -> None:
    assert len(shown(name)) <= records.WIDEST
    assert shown(name).isprintable()
    shown(name).encode()


def test_shown_names_can_be_told_apart() -> None:
    names = ["ada", "ada\u200b", "ada\udcff", "a\nda", "y" * 100 + "a", "y" * 100 + "b"]
    assert len(names) == len({shown(name) for name in names})
    assert "Ada Lovelace é 字" == shown("Ada Lovelace é 字")
    assert "é" == shown("\u00e9")
    assert re.fullmatch("é [0-9a-f]{12}", shown("e\u0301"))
    assert (r"ada\u200b", r"ada\xff") == (shown("ada\u200b"), shown("ada\udcff"))


# ---- seals -------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Ada's record of week 1."""
    path = records.path_of(tmp_path, "ada")
    records.save(path, Record(1, "Basis", "ada", [], score=3.0), "ada", SECRET)
    return path


def test_record_comes_back_as_it_was_saved(path: Path) -> None:
    record = records.load(path, 1, "ada", SECRET)
    assert ("ada", 3.0) == (record.id, record.score)
    assert decode(path.read_bytes()) == record


@pytest.mark.parametrize(
    ("week", "name", "secret"),
    [(2, "ada", SECRET), (1, "ben", SECRET), (1, "ada\u200b", SECRET), (1, "ada", "another")],
)
def test_record_of_something_else_is_none(path: Path, week: int, name: str, secret: str) -> None:
    with pytest.raises(msgspec.DecodeError, match="not as the grader wrote it"):
        records.load(path, week, name, secret)


@pytest.mark.parametrize("field", [f.name for f in msgspec.structs.fields(Record)])
def test_no_field_can_be_changed(path: Path, field: str) -> None:
    record = records.load(path, 1, "ada", SECRET)
    other = {int: 7, float: 7.0, str: "7", bool: not getattr(record, field), list: ["7"]}
    value = other[type(getattr(record, field))]
    if field == "version":
        return  # another version isn't read at all: see test_what_is_no_record_is_refused
    changed = msgspec.to_builtins(record) | {field: value}
    path.write_bytes(msgspec.json.encode(changed))
    with pytest.raises(msgspec.DecodeError):
        records.load(path, 1, "ada", SECRET)


def test_record_without_a_seal_is_none(path: Path) -> None:
    path.write_bytes(encode(Record(1, "Basis", "ada", [], id="ada")))
    with pytest.raises(msgspec.DecodeError, match="not as the grader wrote it"):
        records.load(path, 1, "ada", SECRET)


def test_record_and_its_folder_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "results" / "week_1" / "ada.json"
    records.save(path, Record(1, "Basis", "ada", []), "ada", SECRET)
    assert 0o600 == path.stat().st_mode & 0o777
    assert 0o700 == path.parent.stat().st_mode & 0o777
