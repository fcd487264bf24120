"""On which core a grader and its worker take turns."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import cores
from autograder.sandbox.launch import Limits, plain
from autograder.sandbox.process import Worker


@pytest.fixture(autouse=True)
def _all_cores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All that this machine has, however few pytest's process is kept to."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    monkeypatch.setattr(cores, "allowed", frozenset(os.sched_getaffinity(0)))
    yield
    os.sched_setaffinity(0, before)


def started() -> set[int]:
    """The cores of a process that is started now."""
    code = "import os; print(*os.sched_getaffinity(0))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return {int(number) for number in result.stdout.split()}


def test_what_is_started_stays_on_a_core_and_this_process_does_not() -> None:
    core = cores.here()
    assert len(core) == 1
    assert core <= cores.allowed
    with cores.only(core):
        assert started() == core
    assert os.sched_getaffinity(0) == cores.allowed


def test_processes_share_the_cores_in_turn() -> None:
    first, *_ = known = sorted(cores.allowed)
    cores.keep_to_one(len(known))
    assert os.sched_getaffinity(0) == cores.allowed == {first}
    cores.release()
    assert started() == {first}


def test_a_core_that_was_taken_away_is_no_failure() -> None:
    cores.keep_to({100_000})
    assert os.sched_getaffinity(0) == cores.allowed


def test_a_worker_and_its_grader_share_a_core_until_it_ends(tmp_path: Path) -> None:
    worker = Worker(plain(tmp_path, Limits()))
    assert os.sched_getaffinity(0) == cores.allowed
    worker.wait_until_ready()
    assert os.sched_getaffinity(0) == os.sched_getaffinity(worker.process.pid) == worker.core
    worker.close()
    assert os.sched_getaffinity(0) == cores.allowed
