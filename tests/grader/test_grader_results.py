"""Records: what counts, the way to JSON and back, and writing all or nothing."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from autograder import results
from autograder.results import (
    CheckResult,
    Comparison,
    Curves,
    Heatmap,
    Record,
    Todo,
    Verdict,
    decode,
    encode,
    finish,
    write_atomically,
)

REPOSITORY = Path(__file__).parents[2]


def check(verdict: Verdict, points: float = 2.0, **others: object) -> CheckResult:
    return CheckResult("test_x.py::test_y", "X: y", "x", points, False, verdict, **others)


def full() -> Record:
    heatmap = Heatmap("y: where it differs", [[0.0, 1.0]])
    comparison = Comparison("y", False, "values", "wrong", max_error=1.5, heatmap=heatmap)
    curves = Curves("Loss", {"this": [1.0, 0.5]})
    failed = check(Verdict.FAILED, comparisons=[comparison], pictures=[curves, heatmap])
    todo = Todo("week_1/linear.py", 3, "Linear.forward", "multiply")
    record = Record(1, "Basis", "é <b>", [check(Verdict.PASSED), failed], todos=[todo])
    return finish(record)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_points_are_for_passed_checks_alone(verdict: Verdict) -> None:
    record = finish(Record(1, "", "", [check(verdict, points=3.0)]))
    assert (3.0 if verdict == "passed" else 0.0) == record.score == record.checks[0].points
    assert 3.0 == record.max_score


@pytest.mark.parametrize("verdict", list(Verdict))
def test_faults_of_the_grader_make_a_record_incomplete(verdict: Verdict) -> None:
    record = finish(Record(1, "", "", [check(Verdict.PASSED), check(verdict)]))
    assert (verdict not in ("grader_error", "not_run")) == record.complete


def test_points_that_a_check_claims_are_not_believed() -> None:
    assert 0.0 == finish(Record(1, "", "", [check(Verdict.FAILED) for _ in "ab"], 99.0)).score


def test_check_that_was_not_run_says_so() -> None:
    assert "not_run" == CheckResult("id", "title", "module", 1.0, False).verdict


def test_record_survives_the_way_to_json_and_back() -> None:
    assert full() == decode(encode(full()))


def test_numbers_without_json_become_nothing() -> None:
    record = full()
    worst = Comparison("y", False, max_error=float("inf"), got_value=float("nan"))
    record.checks[0].comparisons = [worst]
    again = decode(encode(record)).checks[0].comparisons[0]
    assert (None, None) == (again.max_error, again.got_value)


def test_record_has_the_fields_that_programs_read() -> None:
    data = json.loads(encode(full()))
    assert 2.0 == data["score"]
    assert 4.0 == data["max_score"]
    assert {"id", "verdict", "points", "max_points", "hidden"} <= data["checks"][0].keys()


@pytest.mark.parametrize(
    "data",
    [b"", b"{", encode(full())[:-20], b"[]", b'{"week": 1}', encode(full()).replace(b"1", b"2", 1)],
)
def test_what_is_no_record_is_refused(data: bytes) -> None:
    data = data.replace(b'"version": 1', b'"version": 2')
    with pytest.raises(msgspec.DecodeError):
        decode(data)


# ---- writing -----------------------------------------------------------------------------------


def test_file_is_written_into_new_folders_and_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "record.json"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert b"two" == path.read_bytes()
    assert 0o644 == path.stat().st_mode & 0o777
    assert ["record.json"] == [p.name for p in path.parent.iterdir()]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "record.json"
    path.write_bytes(b"old")
    owner = results.os if call == "fsync" else results.Path
    monkeypatch.setattr(owner, call, full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert b"old" == path.read_bytes()
    assert ["record.json"] == [p.name for p in tmp_path.iterdir()]


ON_A_FULL_DISK = """
set -e
mount -t tmpfs -o size=64k tmpfs "$1"
cd "$1"
echo old > record.json
code=0
"$2" -c '
from pathlib import Path
from autograder.results import write_atomically
write_atomically(Path("record.json"), bytes(1 << 20))
' 2> /dev/null || code=$?
ls -A; cat record.json; echo "$code"
"""


def test_disk_that_is_really_full_leaves_the_old_file(tmp_path: Path) -> None:
    namespace = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0:
        namespace += ["--user", "--map-root-user"]
    assert shutil.which("unshare") is not None
    done = subprocess.run(
        [*namespace, "sh", "-c", ON_A_FULL_DISK, "sh", str(tmp_path), sys.executable],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ["record.json", "old", "1"] == done.stdout.split()


def test_what_is_no_file_is_written_to_and_stays(tmp_path: Path) -> None:
    """A root who says --json /dev/stdout keeps the device."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    write_atomically(pipe, b"a record")
    assert os.read(reader, 100) == b"a record"
    assert pipe.is_fifo()
    os.close(reader)
    (tmp_path / "file").write_bytes(b"old")
    link.symlink_to("file")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"
