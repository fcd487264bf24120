"""The messages between the grader and a worker, on the grader's side.

Every byte of a reply is the submission's: it is validated into the types below before anything
looks at it, sizes are bounded before anything is allocated, and there is no pickle. The other
end, and the layout of a frame, is `autograder.worker.worker`.
"""

from __future__ import annotations

import math
import struct
import unicodedata
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

LENGTHS = struct.Struct("<IQ")
MAX_HEADER = 16 << 20
MAX_PAYLOAD = 64 << 20
MAX_DIMENSIONS = 16
DTYPES = frozenset({f"<{kind}" for kind in ("f2", "f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8")})
DTYPES |= {"|i1", "|u1", "|b1"}


class ProtocolError(Exception):
    """The worker sent bytes that are no reply: the submission broke its process, or faked one."""


class Null(msgspec.Struct, tag="null", tag_field="t"):
    pass


class Bool(msgspec.Struct, tag="bool", tag_field="t"):
    v: bool


class Int(msgspec.Struct, tag="int", tag_field="t"):
    v: Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]  # what an int64 holds


class Float(msgspec.Struct, tag="float", tag_field="t"):
    v: str  # hexadecimal: exact, and room for nan and inf


class Str(msgspec.Struct, tag="str", tag_field="t"):
    v: str


class ArrayRef(msgspec.Struct, tag="array", tag_field="t"):
    v: int


class Handle(msgspec.Struct, tag="handle", tag_field="t"):
    """An object that stays in the worker."""

    v: int
    name: str = ""
    methods: list[str] = []


class List(msgspec.Struct, tag="list", tag_field="t"):
    v: list[Value]


class Tuple(msgspec.Struct, tag="tuple", tag_field="t"):
    v: list[Value]


class Dict(msgspec.Struct, tag="dict", tag_field="t"):
    v: list[tuple[Value, Value]]


class Failed(msgspec.Struct, tag="failed", tag_field="t"):
    """In the place of what a step gives: its exception, as `Raised` holds one."""

    kinds: list[str]
    message: str
    frames: list[tuple[str, int, str, str]]


Value = Null | Bool | Int | Float | Str | ArrayRef | Handle | List | Tuple | Dict | Failed


class ArraySpec(msgspec.Struct):
    dtype: str
    shape: list[int]
    layout: str = "C"


class Request(msgspec.Struct):
    """What the grader asks: call or get or set something, make an object, keep an array.

    With the op "together" it asks for its `steps`, one after the other; their arrays are its own,
    and a handle below zero is the result of a step: -1 that of the first, -2 of the second. All
    are taken, whatever comes of those before: which of them is to be refused isn't told.
    """

    id: int
    op: str
    target: str | int = ""  # a module's name, or a handle
    attributes: list[str] = []
    name: str = ""
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    arrays: list[ArraySpec] = []
    steps: list[Request] = []
    seconds: float = 0.0  # after which the worker ends what runs, and says where it was


class Ok(msgspec.Struct, tag="ok", tag_field="status"):
    id: int
    value: Value
    arrays: list[ArraySpec]
    printed: str = ""


class Raised(msgspec.Struct, tag="raised", tag_field="status"):
    """An exception of the submission: its class and that class's parents, message, own frames."""

    id: int
    kinds: list[str]
    message: str
    frames: list[tuple[str, int, str, str]]  # file, line, function, source
    arrays: list[ArraySpec] = []
    printed: str = ""


DECODER: msgspec.json.Decoder[Ok | Raised] = msgspec.json.Decoder(Ok | Raised)
ENCODER = msgspec.json.Encoder()


def clean(text: str, limit: int = 2000) -> str:
    """A submission's text without control and formatting characters, and not longer than `limit`.

    Line feeds and tabs stay; escape sequences and direction overrides lose what makes them work.
    """
    if len(text) <= limit and text.isprintable():  # most are, and this is quick
        return text
    kept = "".join(c for c in text[:limit] if c in "\n\t" or unicodedata.category(c)[0] != "C")
    return kept + ("…" if len(text) > limit else "")


def with_article(noun: str) -> str:
    """A noun as one speaks of a first one: "a list", "an int"."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def one_line(text: str, limit: int) -> str:
    """A name or a label for a message: cleaned, and without a line break of its own."""
    return clean(text, limit).replace("\n", " ")


def pack(message: msgspec.Struct, arrays: list[Array]) -> Iterator[bytes | memoryview]:
    """A frame in parts: the lengths with the header, and the arrays' bytes in row-major order."""
    header = ENCODER.encode(message)
    size = sum(array.nbytes for array in arrays)
    yield LENGTHS.pack(len(header), size) + header
    for array in arrays:
        yield np.ascontiguousarray(array).data


def read_reply(stream: BinaryIO) -> tuple[Ok | Raised, list[Array]] | None:
    """The next reply and its arrays; None at the end of the stream.

    Raises:
        ProtocolError: the bytes are no reply within the limits.
    """
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    header_length, payload_length = LENGTHS.unpack(lengths)
    if header_length > MAX_HEADER or payload_length > MAX_PAYLOAD:
        raise ProtocolError("a reply larger than the limit")
    header, payload = stream.read(header_length), stream.read(payload_length)
    if len(header) < header_length or len(payload) < payload_length:
        return None
    return parse_reply(header, payload)


def parse_reply(header: bytes, payload: bytes) -> tuple[Ok | Raised, list[Array]]:
    """Validate a reply. Raises ProtocolError."""
    try:
        reply = DECODER.decode(header)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ProtocolError(f"a malformed reply: {error}") from error
    return reply, read_arrays(reply.arrays, payload)


def read_arrays(specs: list[ArraySpec], payload: bytes) -> list[Array]:
    """The arrays that `specs` describe; together they are exactly `payload`."""
    arrays: list[Array] = []
    offset = 0
    for spec in specs:
        if spec.dtype not in DTYPES or len(spec.shape) > MAX_DIMENSIONS:
            raise ProtocolError("an array of a dtype or rank that isn't allowed")
        if any(not 0 <= length <= MAX_PAYLOAD for length in spec.shape):
            raise ProtocolError("an array with an impossible shape")
        dtype, count = np.dtype(spec.dtype), math.prod(spec.shape)
        if offset + count * dtype.itemsize > len(payload):
            raise ProtocolError("an array larger than its bytes")
        if count == 0:
            arrays.append(empty(spec.shape, dtype))
            continue
        flat = np.frombuffer(payload, dtype, count, offset)
        if dtype == np.bool_ and flat.view(np.uint8).max() > 1:
            raise ProtocolError("a boolean that is neither true nor false")
        arrays.append(flat.reshape(spec.shape))
        offset += flat.nbytes
    if offset != len(payload):
        raise ProtocolError("more bytes than its arrays hold")
    return arrays


def empty(shape: list[int], dtype: np.dtype[Any]) -> Array:
    """An array without elements; NumPy refuses one whose other axes are too long."""
    try:
        return np.empty(shape, dtype)
    except ValueError:
        raise ProtocolError("an array with an impossible shape") from None
