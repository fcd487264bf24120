"""Reads files out of a zip that somebody else made. Nothing of it is unpacked to disk.

A name in it is compared with the names that are looked for, and never used as a path. Sizes that it
states are not believed: what is read is bounded, its table of contents too.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from autograder.options import InputError
from autograder.submission.intake import Refused, larger_than, regular_file

MAX_ZIP = 512 << 20  # bytes of the file; it is read here and there, never as a whole
MAX_CONTENTS = 4 << 20  # bytes of its table of contents: some 20,000 files
CHUNK = 64 << 10
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others need much memory to be read
IGNORED = {"__MACOSX", "__pycache__"}

Reader = Callable[[int], bytes]  # from the most bytes to take to the content


class Bounded(io.FileIO):
    """A file that refuses to be read in large pieces: zipfile reads all of a table at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        rest = max(os.fstat(self.fileno()).st_size - self.tell(), 0)
        wanted = rest if size is None or size < 0 else min(size, rest)
        if wanted > MAX_CONTENTS:
            raise Refused("lists too many files: hand in the week's files alone")
        return super().read(wanted)


def members(path: Path) -> tuple[dict[str, Reader], list[str]]:
    """What is in a zip, by names that are safe to show; and the names that lead out of it.

    Raises:
        Refused: it can't be read; the message says why.
        InputError: through nobody's fault.
    """
    found: dict[str, Reader] = {}
    unsafe = []
    with archive(path) as file:
        for info in file.infolist():
            name = info.filename.replace("\\", "/")  # old programs write backslashes
            parts = [part for part in name.split("/") if part not in ("", ".")]
            if info.flag_bits & 1:
                raise Refused("is encrypted: hand in a zip without a password")
            if ".." in parts or name.startswith("/") or ":" in name.partition("/")[0]:
                unsafe.append(name)
            elif not name.endswith("/") and not any(map(ignored, parts)):
                found["/".join(parts)] = reader(path, info)
    return found, unsafe


def ignored(name: str) -> bool:
    """Whether an entry of a folder is left out: hidden, or made by a program."""
    return name.startswith(".") or name in IGNORED


def reader(path: Path, info: zipfile.ZipInfo) -> Reader:
    if stat.S_ISLNK(info.external_attr >> 16):
        return partial(refuse, "is a link: hand in the file itself")
    return partial(read_member, path, info.filename)


def refuse(reason: str, _most: int) -> bytes:
    raise Refused(reason)


def read_member(path: Path, name: str, most: int) -> bytes:
    """A file of the zip, of at most `most` bytes. Raises as `members` does."""
    data = bytearray()
    with archive(path) as file:
        info = file.getinfo(name)  # of two with one name the last, as unpacking leaves it
        if info.compress_type not in METHODS:
            raise Refused("is compressed in an unusual way: hand in an ordinary zip")
        with file.open(info) as member:
            while len(data) <= most and (chunk := member.read(CHUNK)):
                data += chunk
    if len(data) > most:
        raise Refused(larger_than(most))
    return bytes(data)


@contextmanager
def archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip, to be read. Raises as `members` does."""
    with regular_file(path) as descriptor:
        if os.fstat(descriptor).st_size > MAX_ZIP:
            raise Refused(larger_than(MAX_ZIP))
        try:
            with Bounded(descriptor, closefd=False) as file, zipfile.ZipFile(file) as zipped:
                yield zipped
        except (Refused, InputError):
            raise
        except Exception:  # zipfile, zlib and struct: each kind of damage has its own
            raise Refused("can't be read as a zip: it is damaged, or something else") from None
