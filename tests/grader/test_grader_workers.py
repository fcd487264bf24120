"""Workers that end, hang, forge or don't start: a verdict, and a new worker for the next check."""

from __future__ import annotations

import json
import struct
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from grader_worker import LIMITS, folder

from autograder.checking.verdicts import verdict_of
from autograder.results import Verdict
from autograder.sandbox import session as sessions
from autograder.sandbox.launch import Launch, plain
from autograder.sandbox.process import Worker, WorkerCrashed, WorkerNotStarted, WorkerTimeout
from autograder.sandbox.protocol import Ok, Request
from autograder.sandbox.remote import Module, Package, StaleObject
from autograder.sandbox.session import Session, StudentError


def test_worker_that_ended_is_replaced_and_its_objects_are_stale(
    code: Module, session: Session
) -> None:
    box = code.Box(1)
    with pytest.raises(WorkerCrashed, match="ended by itself, with status 3") as caught:
        code.leave(3)
    assert Verdict.CRASHED == verdict_of(caught.value)[0]
    session.begin_check()
    assert 5 == code.echo(5)
    assert 2 == session.generation
    with pytest.raises(StaleObject, match="<a Box of the submission> ended with its worker"):
        box.count()


def test_import_that_ends_the_process_is_not_tried_again(session: Session) -> None:
    for _ in range(3):
        session.begin_check()
        with pytest.raises(WorkerCrashed, match="with status 4"):
            Package(session, "week_1").ends.f()
    assert 1 == session.generation
    assert 5 == Package(session, "week_1").code.echo(5)
    assert 2 == session.generation


def test_check_that_takes_too_long_is_ended(code: Module, session: Session) -> None:
    assert 1 == code.echo(1)
    session.limits = replace(LIMITS, check_seconds=0.3)
    session.begin_check()
    with pytest.raises(WorkerTimeout) as caught:
        code.hang()
    assert Verdict.TIMEOUT == verdict_of(caught.value)[0]
    assert not session.exhausted


def test_import_that_hangs_costs_its_time_once(session: Session) -> None:
    session.limits = replace(LIMITS, check_seconds=0.5)
    spent = []
    for _ in range(3):
        session.begin_check()
        with pytest.raises(WorkerTimeout):
            Package(session, "week_1").stops.f()
        spent.append(session.spent)
    assert spent[0] == spent[2]


def test_all_checks_together_have_a_budget(code: Module, session: Session) -> None:
    assert 1 == code.echo(1)
    session.limits = replace(LIMITS, total_seconds=session.spent + 0.2)
    assert not session.exhausted
    session.begin_check()
    with pytest.raises(WorkerTimeout):
        code.hang()
    assert session.exhausted


def test_output_of_the_process_itself_is_kept_and_cut(tmp_path: Path) -> None:
    week = folder(tmp_path) / "week_1"
    (week / "loud.py").write_text("import os\nos.write(2, b'\\x1bdone ' + b'x' * 100_000)\n")
    session = Session(partial(plain, tmp_path / "root", LIMITS), LIMITS)
    session.begin_check()
    with pytest.raises(StudentError, match="has no attribute 'f'"):
        Package(session, "week_1").loud.f()
    session.close()
    assert session.process_output.startswith("done xxx")
    assert len(session.process_output) <= 16384


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit('no bwrap')", "no bwrap"),
        ("import os; os._exit(5)", "with status 5"),
    ],
)
def test_worker_that_does_not_start_is_the_graders_fault(code: str, reason: str) -> None:
    session = Session(lambda: Launch([sys.executable, "-c", code], {}), LIMITS)
    session.begin_check()
    with pytest.raises(WorkerNotStarted, match=reason) as caught:
        Package(session, "week_1").code.echo(1)
    assert Verdict.GRADER_ERROR == verdict_of(caught.value)[0]
    session.close()


def test_only_the_submissions_own_time_is_counted(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, ready = session.left, Worker.wait_until_ready
    now = [0.0]
    monkeypatch.setattr(sessions, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def start(worker: Worker) -> None:
        ready(worker)
        now[0] += 1000

    def ask(*_: object) -> tuple[Ok, list[object]]:
        now[0] += 0.25
        return Ok(0, None, []), []  # type: ignore[arg-type]

    monkeypatch.setattr(Worker, "wait_until_ready", start)
    monkeypatch.setattr(Worker, "ask", ask)
    session.exchange(Request(0, "get", "math", ["pi"]), [])
    now[0] += 1000  # a check that computes, an oracle that imports torch
    session.exchange(Request(0, "get", "math", ["pi"]), [])
    assert (left - 0.5, 0.5) == (session.left, session.spent)


# ---- through a process that is no worker -------------------------------------------------------

RAISED = {"status": "raised", "id": 1, "kinds": ["ValueError"], "message": "m", "frames": []}
ARRAY = {
    "status": "ok",
    "id": 1,
    "value": {"t": "array", "v": 0},
    "arrays": [{"dtype": "<f8", "shape": [2]}],
}
FAKE = """\
import sys
sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))
sys.stdout.buffer.flush()
sys.stdin.buffer.read()
"""


def as_frame(reply: Any) -> bytes:
    header = json.dumps(reply).encode()
    return struct.pack("<IQ", len(header), 0) + header


FORGED = {
    "no message": (b"x" * 64, "larger than the limit"),
    "not JSON": (struct.pack("<IQ", 1, 0) + b"{", "malformed"),
    "another question's reply": (as_frame(RAISED | {"id": 7}), "another question"),
    "a wrong array": (as_frame(ARRAY), "larger than its bytes"),
}


@pytest.mark.parametrize(("data", "reason"), FORGED.values(), ids=FORGED)
def test_check_after_a_forged_reply_gets_a_new_worker(data: bytes, reason: str) -> None:
    hello = as_frame(RAISED | {"id": 0})
    launches = iter([hello + data, hello + as_frame(RAISED)])

    def launch() -> Launch:
        return Launch([sys.executable, "-c", FAKE, next(launches).hex()], {})

    session = Session(launch, LIMITS)
    session.begin_check()
    with pytest.raises(WorkerCrashed, match=reason) as caught:
        session.exchange(Request(0, "get"), [])
    assert Verdict.CRASHED == verdict_of(caught.value)[0]
    session.begin_check()
    with pytest.raises(StudentError, match="ValueError: m"):
        session.exchange(Request(0, "get"), [])
    assert 2 == session.generation
    session.close()
