"""Checks that bytes are a PNG file, and makes one of them that holds nothing else.

A picture comes from a submission. Every chunk's checksum is tested, the pixels are decompressed
against a bound, and only what the pixels need goes into the file that leaves here: no text, no
second image, nothing behind the end.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_BYTES = 512 << 10
MAX_SIDE = 2400  # pixels
CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # grey, RGB, grey with alpha, RGBA
HEADER = struct.Struct(">IIBBBBB")
FILTERS = 5


class NotPng(Exception):
    """The bytes are no PNG that is taken; the message says why."""


def checked(data: bytes) -> bytes:
    """The same picture as a PNG of three kinds of chunks: header, pixels, end.

    Raises:
        NotPng: a damaged file, one that is too large, or of a kind that matplotlib doesn't write.
    """
    if len(data) > MAX_BYTES:
        raise NotPng(f"larger than {MAX_BYTES >> 10} KB")
    if not data.startswith(SIGNATURE):
        raise NotPng("no PNG signature")
    found = list(chunks(data))
    kinds = [kind for kind, _ in found]
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"]:
        raise NotPng("it doesn't begin with a header and end with an end")
    if kinds.count(b"IHDR") != 1 or found[-1][1]:
        raise NotPng("two headers, or an end with content")
    header = found[0][1]
    pixels = b"".join(content for kind, content in found if kind == b"IDAT")
    check_pixels(header, pixels)
    kept = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return SIGNATURE + b"".join(chunk(kind, content) for kind, content in kept)


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of every chunk, up to and including the end."""
    start = len(SIGNATURE)
    while start < len(data):
        if len(data) < start + 12:
            raise NotPng("cut off")
        (length,) = struct.unpack_from(">I", data, start)
        end = start + 12 + length
        if end > len(data):
            raise NotPng("cut off within a chunk")
        kind, content = data[start + 4 : start + 8], data[start + 8 : end - 4]
        (checksum,) = struct.unpack_from(">I", data, end - 4)
        if checksum != zlib.crc32(kind + content):
            raise NotPng("a chunk with a wrong checksum")
        yield kind, content
        if kind == b"IEND" and end != len(data):
            raise NotPng("something behind the end")
        start = end


def check_pixels(header: bytes, pixels: bytes) -> None:
    """Raise NotPng unless the pixels are exactly those that the header announces."""
    if len(header) != HEADER.size:
        raise NotPng("a header of the wrong length")
    width, height, depth, colour, compression, filtering, interlace = HEADER.unpack(header)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise NotPng(f"{width} x {height} pixels")
    if depth != 8 or colour not in CHANNELS or (compression, filtering, interlace) != (0, 0, 0):
        raise NotPng("a kind of PNG that isn't taken")
    row = 1 + width * CHANNELS[colour]
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(pixels, row * height + 1)
    except zlib.error as error:
        raise NotPng("damaged pixels") from error
    if len(raw) != row * height or not unpacker.eof or unpacker.unused_data:
        raise NotPng("more or fewer pixels than its size")
    if max(raw[::row]) >= FILTERS:
        raise NotPng("an unknown filter")


def chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
