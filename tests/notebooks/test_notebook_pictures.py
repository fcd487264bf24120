"""Pictures from a submission: only whole PNG files get into a report, without their extras."""

from __future__ import annotations

import struct
import zlib

import pytest

from autograder.notebook import pictures as png
from autograder.notebook.pictures import SIGNATURE, NotPng, checked, chunk


def picture(width: int = 3, height: int = 2, colour: int = 2, **changes: int) -> bytes:
    """A valid PNG of zeros; `changes` replace numbers in its header."""
    fields = {"depth": 8, "colour": colour, "compression": 0, "filter": 0, "interlace": 0}
    header = struct.pack(">IIBBBBB", width, height, *(fields | changes).values())
    rows = (b"\0" + b"\x07" * (width * png.CHANNELS.get(colour, 1))) * height
    return put((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))


def put(*parts: tuple[bytes, bytes]) -> bytes:
    return SIGNATURE + b"".join(chunk(kind, content) for kind, content in parts)


HEADER = struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0)
ROWS = (b"\0" + b"\x07" * 9) * 2
PIXELS = zlib.compress(ROWS)
IHDR, IDAT, IEND = (b"IHDR", HEADER), (b"IDAT", PIXELS), (b"IEND", b"")


@pytest.mark.parametrize("colour", [0, 2, 4, 6])
def test_a_picture_comes_out_as_it_went_in(colour: int) -> None:
    assert picture(colour=colour) == checked(picture(colour=colour))


def test_texts_and_split_pixels_do_not_get_through() -> None:
    parts = (IHDR, (b"tEXt", b"Comment\0<script>"), (b"IDAT", PIXELS[:5]), (b"IDAT", PIXELS[5:]))

    assert put(IHDR, IDAT, IEND) == checked(put(*parts, (b"eXIf", b"secret"), IEND))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "signature"),
        (b"GIF89a", "signature"),
        (SIGNATURE, "header"),
        (picture()[:-1], "cut off"),
        (picture()[:20], "cut off"),
        (picture() + b"<script>", "behind the end"),
        (picture() + picture(), "behind the end"),
        (picture().replace(b"IHDR", b"IHDS"), "checksum"),
        (bytes(b ^ (i == 50) for i, b in enumerate(picture())), "checksum"),
        (put(IDAT, IHDR, IEND), "begin with a header"),
        (put(IHDR, IDAT), "end"),
        (put(IHDR, IHDR, IDAT, IEND), "two headers"),
        (put(IHDR, IDAT, (b"IEND", b"x")), "end with content"),
        (put((b"IHDR", HEADER[:-1]), IDAT, IEND), "wrong length"),
        (put(IHDR, IEND), "more or fewer pixels"),
        (put(IHDR, (b"IDAT", b"no zlib"), IEND), "damaged"),
        (put(IHDR, (b"IDAT", zlib.compress(ROWS[:-1])), IEND), "more or fewer"),
        (put(IHDR, (b"IDAT", zlib.compress(ROWS + b"x")), IEND), "more or fewer"),
        (put(IHDR, (b"IDAT", PIXELS + b"x"), IEND), "more or fewer"),
        (put(IHDR, (b"IDAT", zlib.compress(b"\x09" + ROWS[1:])), IEND), "filter"),
        (picture(width=0), "pixels"),
        (picture(height=2401), "pixels"),
        (picture(colour=3), "kind"),
        (picture(depth=16), "kind"),
        (picture(interlace=1), "kind"),
        (SIGNATURE + b"x" * png.MAX_BYTES, "larger than"),
    ],
)
def test_anything_else_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(NotPng, match=reason):
        checked(data)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(b"\0" * (256 << 20), 9)

    with pytest.raises(NotPng, match="more or fewer"):
        checked(put(IHDR, (b"IDAT", bomb), IEND))
