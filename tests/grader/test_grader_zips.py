"""Zips that students hand in: what is read out of them, and what none of them can do."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from grader_course import LINEAR

from autograder.submission import zipped
from autograder.submission.finding import NothingFound, find
from autograder.submission.intake import MAX_BYTES, Refused
from course.config import Course, Week


@pytest.fixture
def week(course: Course) -> Week:
    return course.week(1)


def pack(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return path


def linear(submission: Path, week: Week) -> bytes:
    return find(submission, week).read("linear.py", MAX_BYTES)


@pytest.mark.parametrize(
    "name",
    [
        *("linear.py", "week_1/linear.py", "Week 1/linear.py", "ada/assignments/week_1/linear.py"),
        *("./linear.py", "ada//week_1/linear.py", "ada\\week_1\\linear.py"),
    ],
)
@pytest.mark.parametrize("place", ["ada.zip", "ada/work.ZIP", "ada/inner/week_1/work.zip"])
def test_file_in_a_zip_is_found(name: str, place: str, week: Week, tmp_path: Path) -> None:
    (tmp_path / "ada" / "inner" / "week_1").mkdir(parents=True)
    others = {"__MACOSX/._linear.py": b"x", ".git/HEAD": b"x", "README.md": b"x"}
    pack(tmp_path / place, others | {name: LINEAR.encode()})
    assert LINEAR.encode() == linear(tmp_path / place.partition("/")[0], week)


def test_nothing_is_written_while_a_zip_is_read(week: Week, tmp_path: Path) -> None:
    pack(tmp_path / "ada.zip", {"week_1/linear.py": b"x", "week_1/other.py": b"x"})
    linear(tmp_path / "ada.zip", week)
    assert ["ada.zip"] == [path.name for path in tmp_path.rglob("*")]


def test_unpacked_file_counts_before_one_in_a_zip(week: Week, tmp_path: Path) -> None:
    pack(tmp_path / "work.zip", {"week_1/linear.py": b"in the zip"})
    (tmp_path / "linear.py").write_bytes(b"unpacked")
    assert b"unpacked" == linear(tmp_path, week)
    note = "handed in twice: linear.py; graded as in the top folder, not as in work.zip: week_1/"
    assert (note,) == find(tmp_path, week).notes


def test_of_two_zips_the_first_by_name_counts(week: Week, tmp_path: Path) -> None:
    for name in ("b.zip", "a.zip"):
        pack(tmp_path / name, {"linear.py": name.encode()})
    assert b"a.zip" == linear(tmp_path, week)
    assert find(tmp_path, week).notes[0].endswith("graded as in a.zip, not as in b.zip")


@pytest.mark.parametrize("name", ["../linear.py", "/linear.py", "C:/linear.py", "a/../linear.py"])
def test_name_that_leads_out_of_the_zip_is_not_taken(name: str, week: Week, tmp_path: Path) -> None:
    pack(tmp_path / "ada.zip", {name: b"x"})
    with pytest.raises(NothingFound, match=r"linear\.py \(leads out of the zip\)"):
        find(tmp_path / "ada.zip", week)


def test_link_in_a_zip_is_refused(week: Week, tmp_path: Path) -> None:
    info = zipfile.ZipInfo("linear.py")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as file:
        file.writestr(info, "/etc/passwd")
    with pytest.raises(Refused, match="is a link"):
        linear(tmp_path / "ada.zip", week)


def test_zip_in_a_zip_is_not_opened(week: Week, tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("linear.py", "x")
    pack(tmp_path / "ada.zip", {"work.zip": inner.getvalue()})
    with pytest.raises(NothingFound, match=r"saw ada\.zip: work\.zip"):
        find(tmp_path / "ada.zip", week)


# ---- sizes -------------------------------------------------------------------------------------


def test_file_that_unpacks_to_more_than_it_may_have_is_refused(week: Week, tmp_path: Path) -> None:
    pack(tmp_path / "ada.zip", {"linear.py": bytes(1 << 28)})
    assert (tmp_path / "ada.zip").stat().st_size < 1 << 20
    tracemalloc.start()
    with pytest.raises(Refused, match="is larger than 256 KB"):
        linear(tmp_path / "ada.zip", week)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_stated_size_is_not_believed(week: Week, tmp_path: Path) -> None:
    path = pack(tmp_path / "ada.zip", {"linear.py": bytes(1 << 20)})
    true, stated = struct.pack("<I", 1 << 20), struct.pack("<I", 10)
    path.write_bytes(path.read_bytes().replace(true, stated))
    with pytest.raises(Refused, match="damaged"):  # ten zeros, whose sum is not the stated one
        linear(path, week)


def test_largest_file_that_may_be_is_taken(week: Week, tmp_path: Path) -> None:
    data = b"#" * MAX_BYTES
    assert data == linear(pack(tmp_path / "ada.zip", {"linear.py": data}), week)
    with pytest.raises(Refused, match="is larger than 256 KB"):
        linear(pack(tmp_path / "ben.zip", {"linear.py": data + b"#"}), week)


def test_large_table_of_contents_is_not_read(week: Week, tmp_path: Path) -> None:
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", *[0] * 6, 0, 0, 0, 1, *[0] * 4, 0, 0) + b"x"
    entries = (zipped.MAX_CONTENTS // len(entry) + 1) * entry
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(entries), 0, 0)
    (tmp_path / "ada.zip").write_bytes(entries + end)
    with pytest.raises(NothingFound, match=r"ada\.zip lists too many files"):
        find(tmp_path / "ada.zip", week)


def test_many_files_beside_the_weeks_are_no_hindrance(week: Week, tmp_path: Path) -> None:
    files = {f"venv/lib/{number}.py": b"" for number in range(5000)}
    pack(tmp_path / "ada.zip", files | {"week_1/linear.py": b"x"}, zipfile.ZIP_STORED)
    assert b"x" == linear(tmp_path / "ada.zip", week)


def test_huge_zip_is_refused(week: Week, tmp_path: Path) -> None:
    with (tmp_path / "ada.zip").open("wb") as file:
        file.truncate(zipped.MAX_ZIP + 1)
    with pytest.raises(NothingFound, match=r"ada\.zip is larger than 512 MB"):
        find(tmp_path / "ada.zip", week)


# ---- damage ------------------------------------------------------------------------------------


def test_encrypted_zip_is_refused_and_says_so(week: Week, tmp_path: Path) -> None:
    path = pack(tmp_path / "ada.zip", {"linear.py": b"x"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\3\4") + 6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(NothingFound, match=r"ada\.zip is encrypted: hand in a zip without a"):
        find(path, week)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_unusual_compression_is_refused(method: int, week: Week, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is compressed in an unusual way"):
        linear(pack(tmp_path / "ada.zip", {"linear.py": b"x"}, method), week)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"Rar!\x1a\7\0" + bytes(100),
        lambda data: data[:-30],
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"linear.py", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
    ],
    ids=["empty", "another kind", "cut off", "half", "names"],
)
def test_broken_zip_is_said_to_be_broken(
    damage: Callable[[bytes], bytes], week: Week, tmp_path: Path
) -> None:
    path = pack(tmp_path / "ada.zip", {"linear.py": LINEAR.encode()})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(NothingFound):
        find(path, week)


def test_any_damage_is_a_refusal_or_the_file_itself(week: Week, tmp_path: Path) -> None:
    path = pack(tmp_path / "ada.zip", {"linear.py": LINEAR.encode()[:300]})
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            data = linear(path, week)
        except (Refused, NothingFound):
            continue
        assert zlib.crc32(data) == zlib.crc32(LINEAR.encode()[:300])


def test_broken_zip_beside_the_files_is_noted(week: Week, tmp_path: Path) -> None:
    (tmp_path / "linear.py").write_bytes(b"x")
    (tmp_path / "old.zip").write_bytes(b"no zip")
    assert b"x" == linear(tmp_path, week)
    note = "old.zip can't be read as a zip: it is damaged, or something else"
    assert (note,) == find(tmp_path, week).notes


def test_link_to_a_zip_is_not_followed(week: Week, tmp_path: Path) -> None:
    pack(tmp_path / "elsewhere.zip", {"linear.py": b"x"})
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "work.zip").symlink_to(tmp_path / "elsewhere.zip")
    with pytest.raises(NothingFound, match=r"work\.zip can't be read: it must be a regular file"):
        find(tmp_path / "ada", week)
