"""Bytes from a submission's process: each reply is a value or a ProtocolError, nothing else."""

from __future__ import annotations

import io
import json
import math
import struct
import tracemalloc
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.parity.compare import Parity
from autograder.sandbox import protocol as wire
from autograder.sandbox.protocol import (
    MAX_HEADER,
    MAX_PAYLOAD,
    Ok,
    ProtocolError,
    clean,
    parse_reply,
    read_reply,
)
from autograder.sandbox.remote import Function, incoming
from autograder.sandbox.session import StudentError

SESSION: Any = SimpleNamespace(generation=1)
NAMES = ("t", "v", "name", "methods", "dtype", "shape", "status", "id", "value", "arrays")
DTYPES = ("<f8", "<f8", "<f4", "<i8", "|b1", "|u1", "<f2", "|O8", ">f8", "<c16", "<U9")
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=9),
    st.sampled_from(["nan", "0x1p4", "-inf", "0x1p9999999", 10**400, -1, 1 << 63]),
)


def tagged(tag: str, content: st.SearchStrategy[Any], **more: Any) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"t": st.just(tag), "v": content, **more})


def collections(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    values = st.lists(value, max_size=4)
    pairs = st.lists(st.tuples(value, value), max_size=3)
    return tagged("list", values) | tagged("tuple", values) | tagged("dict", pairs)


NUMBERS = st.sampled_from(["nan", "inf", "-inf", "0x1p4", "0x1p9999999", "0x", "1e5", ""])
LEAVES = st.one_of(
    st.just({"t": "null"}),
    tagged("bool", st.booleans()),
    tagged("int", st.integers() | st.sampled_from([1 << 63, -(1 << 64), 10**400])),
    tagged("float", NUMBERS | st.text(max_size=5)),
    tagged("str", st.text(max_size=9)),
    tagged("array", st.integers(-1, 3)),
    tagged("handle", st.integers(), name=st.text(max_size=5), methods=st.lists(st.text())),
)
VALUES = st.recursive(LEAVES, collections)
LENGTHS = st.sampled_from([0, 1, 2, 3, 3, 2, -1, 1 << 26, 1 << 27, 1 << 62])
SPECS = st.lists(
    st.fixed_dictionaries(
        {"dtype": st.sampled_from(DTYPES), "shape": st.lists(LENGTHS, max_size=4)}
    ),
    max_size=3,
)
# JSON of which any part may be of any kind.
ANYTHING = st.recursive(
    PLAIN,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(NAMES), part),
)
REPLIES = st.fixed_dictionaries(
    {"status": st.sampled_from(["ok", "raised", "passed"]), "id": st.just(1), "arrays": SPECS},
    optional={
        "value": VALUES | ANYTHING,
        "printed": st.text() | PLAIN,
        "kinds": st.lists(st.text() | PLAIN, max_size=3),
        "message": st.text() | PLAIN,
        "frames": st.lists(st.lists(PLAIN, max_size=5), max_size=3),
    },
)
VALID = [
    {"status": "ok", "id": 1, "value": {"t": "array", "v": 0}, "printed": "é",
     "arrays": [{"dtype": "<f8", "shape": [2, 1]}]},
    {"status": "raised", "id": 1, "kinds": ["ValueError"], "message": "m", "arrays": [],
     "frames": [["week_1/linear.py", 3, "forward", "x = y"]]},
    {"status": "ok", "id": 1, "arrays": [], "value": {"t": "dict", "v": [
        [{"t": "str", "v": "a"}, {"t": "tuple", "v": [{"t": "float", "v": "0x1p0"}]}]]}},
]  # fmt: skip


def frame(header: bytes, payload: bytes = b"") -> bytes:
    return struct.pack("<IQ", len(header), len(payload)) + header + payload


def as_frame(reply: Any, payload: bytes = b"") -> bytes:
    return frame(json.dumps(reply).encode(), payload)


class Bounded(io.BytesIO):
    """A stream that can't be asked for more than a reply may hold."""

    def read(self, size: int | None = -1, /) -> bytes:
        assert 0 <= (size or 0) <= max(MAX_HEADER, MAX_PAYLOAD)
        return super().read(size)


def take_in(data: bytes) -> None:
    """All that the grader does with a reply before a check gets to see it, and with its value."""
    try:
        answer = read_reply(Bounded(data))
        if answer is None:
            return
        reply, arrays = answer
        if isinstance(reply, Ok):
            value = incoming(SESSION, reply.value, arrays)
            parity = Parity()
            parity("an array", value, np.arange(6.0).reshape(2, 3))
            parity("a number", value, np.array(3))
            parity.equal("a value", value, [1, 2])
            assert all(not c.passed for c in parity.comparisons[:1])
        else:
            assert "" != str(StudentError(reply))
    except ProtocolError:
        pass


def bytes_of(specs: list[Any]) -> bytes:
    """As many bytes as the arrays need, where that is few."""
    count = 0
    for spec in specs:
        size = math.prod(spec["shape"]) * int(spec["dtype"][2:] or 0)
        count += size if 0 <= size < 1000 else 0
    return bytes(count)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(VALUES, SPECS, st.none() | st.binary(max_size=32))
def test_well_formed_reply_is_a_value_or_a_protocol_error(
    value: Any, specs: list[Any], payload: bytes | None
) -> None:
    reply = {"status": "ok", "id": 1, "value": value, "arrays": specs}
    take_in(as_frame(reply, bytes_of(specs) if payload is None else payload))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(REPLIES, st.binary(max_size=32))
def test_malformed_reply_is_a_protocol_error(reply: Any, payload: bytes) -> None:
    take_in(as_frame(reply, payload))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(VALID),
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=3), st.integers(0, 3)), max_size=4),
    st.integers(0, 400),
)
def test_mutated_reply_is_a_value_or_a_protocol_error(
    reply: Any, edits: list[tuple[int, bytes, int]], length: int
) -> None:
    data = as_frame(reply, bytes(16) if len(reply["arrays"]) else b"")
    for place, new, gone in edits:
        data = data[:place] + new + data[place + gone :]
    take_in(data[:length])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=200), st.booleans())
def test_arbitrary_bytes_are_a_protocol_error(data: bytes, framed: bool) -> None:
    take_in(frame(data[:100], data[100:]) if framed else data)


def value_in(data: bytes) -> Any:
    """What a check gets from these bytes."""
    answer = read_reply(Bounded(data))
    assert answer is not None
    assert isinstance(answer[0], Ok)
    return incoming(SESSION, answer[0].value, answer[1])


@pytest.mark.parametrize("reply", VALID)
def test_the_messages_that_are_mutated_are_valid(reply: Any) -> None:
    answer = read_reply(io.BytesIO(as_frame(reply, bytes(16 * len(reply["arrays"])))))
    assert answer is not None
    assert 1 == answer[0].id


LONG = 1 << 26
BOMBS = {
    "a header of 4 GB": struct.pack("<IQ", (1 << 32) - 1, 0),
    "a payload of 16 EB": struct.pack("<IQ", 2, (1 << 64) - 1) + b"{}",
    "an array larger than memory": as_frame(
        VALID[0] | {"arrays": [{"dtype": "<f8", "shape": [LONG, LONG]}]}, bytes(16)
    ),
    "no elements, but in long axes": as_frame(
        VALID[0] | {"arrays": [{"dtype": "<f8", "shape": [0, LONG, LONG, LONG]}]}
    ),
    "a million lists in one another": frame(
        b'{"status":"ok","id":1,"arrays":[],"value":' + b'{"t":"list","v":[' * 1_000_000
    ),
    "a number of a million digits": frame(
        b'{"status":"ok","id":1,"arrays":[],"value":{"t":"int","v":' + b"9" * 1_000_000 + b"}}"
    ),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_sizes_are_refused_before_anything_is_allocated(data: bytes) -> None:
    stream = io.BytesIO(data)
    tracemalloc.start()
    with pytest.raises(ProtocolError):
        read_reply(stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(data) + (4 << 20)


def test_nested_value_that_can_be_parsed_can_also_be_shown() -> None:
    header = b'{"t":"list","v":[' * 150 + b'{"t":"null"}' + b"]}" * 150
    reply, arrays = parse_reply(b'{"status":"ok","id":1,"arrays":[],"value":' + header + b"}", b"")
    assert isinstance(reply, Ok)
    parity = Parity()
    parity.equal("a list", incoming(SESSION, reply.value, arrays), [1])
    assert parity.comparisons[0].message.startswith("got [[[")


@pytest.mark.parametrize(
    ("specs", "payload", "reason"),
    [
        ([{"dtype": "|O", "shape": [1]}], bytes(8), "dtype or rank"),
        ([{"dtype": "<f8", "shape": [1] * 17}], bytes(8), "dtype or rank"),
        ([{"dtype": "<f8", "shape": [-1]}], bytes(8), "impossible shape"),
        ([{"dtype": "<f8", "shape": [2]}], bytes(8), "larger than its bytes"),
        ([{"dtype": "<f8", "shape": [1]}], bytes(9), "more bytes than"),
        ([{"dtype": "|b1", "shape": [2]}], b"\1\2", "neither true nor false"),
        ([], b"", "an array that wasn't sent"),
    ],
)
def test_array_that_is_not_what_it_says(specs: Any, payload: bytes, reason: str) -> None:
    data = as_frame(VALID[0] | {"arrays": specs}, payload)
    with pytest.raises(ProtocolError, match=reason):
        value_in(data)


def test_arrays_come_back_as_they_were_sent() -> None:
    sent = np.array([[1.5, np.nan], [-np.inf, 0.0]], np.float32)
    reply = VALID[0] | {"arrays": [{"dtype": "<f4", "shape": [2, 2]}]}
    answer = read_reply(io.BytesIO(as_frame(reply, sent.tobytes())))
    assert answer is not None
    np.testing.assert_array_equal(sent, answer[1][0])


def test_stream_that_ends_is_no_reply() -> None:
    data = as_frame(VALID[1])
    assert all(read_reply(io.BytesIO(data[:length])) is None for length in range(len(data)))


def test_text_loses_what_a_terminal_would_obey() -> None:
    assert "a[2Jb\n\tcé" == clean("a\x1b[2Jb\n\tc\r\x9b\u202e\x00\ud800\u200bé")
    assert "aaa…" == clean("a" * 10, 3)


def test_value_in_place_of_an_object_is_a_protocol_error() -> None:
    reply, arrays = parse_reply(json.dumps(VALID[2]).encode(), b"")
    session: Any = SimpleNamespace(generation=1, ask=lambda *_: (reply, arrays))
    with pytest.raises(ProtocolError, match="no object from a call"):
        Function(session, "week_1.linear", ("Linear",))(3, 4)
    assert {"a": (1.0,)} == Function(session, "week_1.linear", ("make",))(3, 4)


def test_one_array_in_many_places_is_a_protocol_error() -> None:
    twice = wire.List([wire.ArrayRef(0), wire.ArrayRef(0)])
    reply = wire.Ok(1, twice, [])
    session: Any = SimpleNamespace(generation=1, ask=lambda *_: (reply, [np.zeros(1 << 20)]))
    with pytest.raises(ProtocolError, match="an array in two places"):
        Function(session, "week_1.linear", ("make",))(3, 4)
