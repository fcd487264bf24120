"""Calls in one message: what each gives, what one that raises leaves of the others."""

from __future__ import annotations

import json
import struct
import sys
from typing import Any

import msgspec
import numpy as np
import pytest
from grader_worker import LIMITS

from autograder.sandbox.launch import Launch
from autograder.sandbox.process import WorkerCrashed, WorkerTimeout
from autograder.sandbox.protocol import ArrayRef, ProtocolError, Request
from autograder.sandbox.remote import Function, Module, Remote
from autograder.sandbox.remote_worker import RemoteWorker
from autograder.sandbox.session import Session, StudentError
from autograder.sandbox.together import Together

X, SQUARE = np.arange(3.0), np.ones((2, 2))


@pytest.fixture(params=["together", "one by one"])
def calls(request: pytest.FixtureRequest, session: Session) -> Together:
    """Who listens to a session hears one call at a time: all is the same for the checks."""
    if request.param == "one by one":
        session.listener = lambda *_: None
    return RemoteWorker(session).together()


@pytest.fixture
def messages(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of messages that were sent."""
    sent: list[str] = []
    real = session.exchange

    def exchange(request: Request, arrays: Any) -> Any:
        sent.append(request.op)
        return real(request, arrays)

    monkeypatch.setattr(session, "exchange", exchange)
    return sent


def test_values_are_those_of_calls_one_after_the_other(calls: Together, code: Module) -> None:
    layer = calls.make(code.Layer, scale=2.0)
    output, grad = layer.forward(X), layer.backward(X + 5)
    layer.write("scale", 3.0)
    again, made = layer.forward(X), layer.read("made")
    np.testing.assert_array_equal([2.0, 4.0, 6.0], output.value)
    np.testing.assert_array_equal([3.0, 6.0, 9.0], again.value)
    np.testing.assert_array_equal(X + 5, grad.value[0])
    assert ["forward", "backward", "forward"] == made.value
    assert isinstance(layer.value, Remote)
    assert 3.0 == layer.value.read("scale") == grad.value[1]["itself"].read("scale")
    assert [0.0, 1.0, 2.0] == X.tolist()


def test_what_was_made_goes_into_later_calls(calls: Together, code: Module) -> None:
    kept, rng = calls.keep(X), calls.generator(7)
    layer = calls.make(code.Layer, rng=rng)
    changed = layer.forward(kept)
    unchanged, drawn = layer.make("forward", X), layer.read("rng")
    np.testing.assert_array_equal([1.0, 2.0, 3.0], kept.read().value)
    np.testing.assert_array_equal([1.0, 2.0, 3.0], changed.value)
    np.testing.assert_array_equal([1.0, 2.0, 3.0], unchanged.read().value)
    assert np.random.default_rng(7).random() == drawn.value.random()
    known = calls.of(layer.value)
    np.testing.assert_array_equal([2.0, 3.0, 4.0], known.forward(kept).value)


def test_one_that_raises_leaves_the_values_before_it_and_none_behind(
    calls: Together, code: Module
) -> None:
    layer = calls.make(code.Layer)
    output, wrong, behind = layer.forward(X), layer.forward(SQUARE), layer.backward(X)
    np.testing.assert_array_equal(X + 1, output.value)
    for later in (wrong, behind):
        with pytest.raises(StudentError, match=r"ValueError: an input of shape \(2, 2\)"):
            _ = later.value
    with pytest.raises(StudentError, match="an input of shape"):
        calls.done()
    assert 2 == layer.value.read("made").count("forward")


def test_done_makes_calls_of_which_nobody_wants_a_value(calls: Together, code: Module) -> None:
    layer = calls.make(code.Layer)
    layer.forward(X)
    calls.done()
    calls.done()
    assert ["forward"] == layer.value.read("made")
    layer.forward(SQUARE)
    with pytest.raises(StudentError, match="an input of shape"):
        calls.done()


def test_attempt_that_raises_stops_nothing(calls: Together, code: Module) -> None:
    layer = calls.make(code.Layer)
    wrong, right = layer.attempt("forward", SQUARE), layer.attempt("forward", X)
    output = layer.forward(X)
    with pytest.raises(StudentError, match="an input of shape") as raised:
        _ = wrong.value
    assert "ValueError" == raised.value.kinds[0]
    assert "raise ValueError" in raised.value.frames[-1]
    np.testing.assert_array_equal(X + 1, right.value)
    np.testing.assert_array_equal(X + 1, output.value)
    wrong.reach()
    assert ["forward"] * 3 == layer.value.read("made")


def test_attempt_behind_one_that_raises_was_not_made(calls: Together, code: Module) -> None:
    layer = calls.make(code.Layer, nothing=1)
    attempt = layer.attempt("forward", SQUARE)
    with pytest.raises(StudentError, match="unexpected keyword"):
        attempt.reach()


def test_several_calls_are_one_message(session: Session, code: Module, messages: list[str]) -> None:
    calls = RemoteWorker(session).together()
    layer = calls.make(code.Layer)
    layer.attempt("forward", SQUARE)
    output = layer.forward(X)
    assert [] == messages
    assert output.value is not None
    assert layer.value is not None
    assert ["get", "together"] == messages  # the first imports the module
    assert layer.forward(X).value is not None
    assert ["call"] == messages[2:]


def test_nothing_says_which_call_is_to_be_refused(
    session: Session, code: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Request] = []
    real = session.exchange
    monkeypatch.setattr(session, "exchange", lambda r, a: (sent.append(r), real(r, a))[1])
    calls = RemoteWorker(session).together()
    layer = calls.make(code.Layer)
    attempt, plain = layer.attempt("forward", X), layer.forward(X)
    assert attempt.value is not None
    assert plain.value is not None
    _, one, other = sent[-1].steps
    assert msgspec.structs.replace(one, args=[]) == msgspec.structs.replace(other, args=[])
    assert [ArrayRef(0)] == one.args
    assert [ArrayRef(1)] == other.args


def test_process_that_is_told_to_end_in_one_call_still_gives_the_others(
    calls: Together, code: Module
) -> None:
    layer = calls.make(code.Layer)
    output = layer.forward(X)
    ends = calls.make(Function(calls.session, "sys", ("exit",)), 3)
    np.testing.assert_array_equal(X + 1, output.value)
    with pytest.raises(StudentError, match="SystemExit"):
        _ = ends.value


def test_who_listens_hears_each_call_before_a_later_value_is_asked_for(
    session: Session, code: Module
) -> None:
    heard: list[tuple[str, int]] = []
    session.listener = lambda request, arrays, reply: heard.append((request.op, len(arrays)))
    calls = Together(session)
    layer = calls.make(code.Layer)
    output, grad = layer.forward(X), layer.backward(X)
    assert output.value is not None
    assert [("get", 0), ("make", 0), ("call", 1)] == heard
    assert grad.value is not None
    assert ("call", 1) == heard[-1]
    assert 4 == len(heard)


def test_messages_speak_of_what_was_given_until_then(calls: Together, code: Module) -> None:
    session, grad = calls.session, np.arange(3.0) + 7
    layer = calls.make(code.Layer)
    output, back = layer.forward(X), layer.backward(grad)
    wrong = layer.forward(SQUARE)
    assert output.value is not None
    assert ["forward"] == [*session.given]
    assert back.value is not None
    np.testing.assert_array_equal(grad, session.given["backward"])
    assert "backward of (3,)" == session.asked
    with pytest.raises(StudentError):
        _ = wrong.value
    assert "forward of (2, 2)" == session.asked


def test_module_that_can_not_be_imported_is_the_submissions(calls: Together, code: Module) -> None:
    broken = Module(code._session, "week_1.wrong")
    made = calls.make(broken.Layer)
    with pytest.raises(StudentError, match="SyntaxError"):
        _ = made.forward(X).value


def test_stub_says_that_nothing_is_written(calls: Together, code: Module) -> None:
    with pytest.raises(StudentError) as raised:
        _ = calls.make(code.Stub).forward(X).value
    assert raised.value.not_attempted


def test_process_that_ends_takes_all_values_along(calls: Together, code: Module) -> None:
    layer = calls.make(code.Layer)
    output = layer.forward(X)
    ends = calls.make(Function(calls.session, "os", ("_exit",)), 3)
    with pytest.raises(WorkerCrashed, match="status 3"):
        _ = (output.value, ends.value)


def test_time_that_is_up_ends_them(calls: Together, code: Module) -> None:
    calls.session.left = 0.2
    layer = calls.make(code.Layer)
    hangs = calls.make(code.hang)
    with pytest.raises(WorkerTimeout):
        _ = (layer.value, hangs.value, layer.forward(X).value)


FAKE = """\
import sys
sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))
sys.stdout.buffer.flush()
sys.stdin.buffer.read()
"""
NULL, FAILED = {"t": "null"}, {"t": "failed", "kinds": ["E"], "message": "", "frames": []}
HELLO = {"status": "ok", "id": 0, "value": NULL, "arrays": []}
FORGED: dict[str, dict[str, Any]] = {
    "no list": {"value": NULL},
    "too few answers": {"value": {"t": "list", "v": [NULL]}},
    "too many answers": {"value": {"t": "list", "v": [NULL] * 4}},
    "an exception that stopped nothing": {"value": {"t": "list", "v": [NULL, FAILED, NULL]}},
    "an exception inside of a value": {
        "value": {"t": "list", "v": [NULL, NULL, {"t": "list", "v": [FAILED]}]}
    },
}


def as_frame(reply: Any) -> bytes:
    header = json.dumps(reply).encode()
    return struct.pack("<IQ", len(header), 0) + header


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_forged_answers_are_no_values(forged: dict[str, Any]) -> None:
    data = as_frame(HELLO) + as_frame({"status": "ok", "id": 1, "arrays": []} | forged)

    def launch() -> Launch:
        return Launch([sys.executable, "-c", FAKE, data.hex()], {})

    session = Session(launch, LIMITS)
    session.begin_check()
    calls = Together(session)
    kept = calls.keep(X)
    values = [kept, kept.call("sum"), kept.read()]
    with pytest.raises((ProtocolError, StudentError)) as raised:
        _ = [one.value for one in values]
    asked = session.worker and session.worker.last_id
    with pytest.raises(type(raised.value)):
        _ = values[-1].value
    assert (session.worker and session.worker.last_id) == asked  # nothing is asked in vain
    session.close()
