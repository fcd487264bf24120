"""Records on disk: named for their students, sealed, readable by their owner alone.

A name is whatever stands in the class's folder: bytes that aren't UTF-8, 250 characters, two that
differ in what nobody sees. The seal is a message authentication code over a record and that
name, with a key from the course secret. So a record that was edited, or copied from another
student, is noticed: it counts as none.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import unicodedata
from pathlib import Path

import msgspec

from autograder.results import Record, decode, encode, write_atomically

PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
HASHED = re.compile(r"(.*-)?[0-9a-f]{12}")  # what our own names look like
TAKEN = re.compile(r"index|con|prn|aux|nul|(com|lpt)[0-9]")  # by a page of ours, by Windows
WIDEST = 60  # characters of a name that is shown


def identity(name: str) -> str:
    """A name for a student's files: readable, safe everywhere, different for each `name`.

    Different also where upper and lower case are the same, and where names are long.
    """
    if PLAIN.fullmatch(name) and not HASHED.fullmatch(name) and not TAKEN.fullmatch(name):
        return name
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].rstrip("-")
    return f"{readable}-{digest(name)}".lstrip("-")


def is_identity(text: str) -> bool:
    """Whether this is safe in a path and in a link, as every identity is."""
    return PLAIN.fullmatch(text) is not None


def shown(name: str) -> str:
    r"""The name for a reader: what can't be seen is written out (\u200b), a long one is cut.

    One whose letters could be written with other characters, and look the same, gets a hash too.
    """
    text = "".join(c if c.isprintable() else visible(c) for c in name)
    composed = unicodedata.normalize("NFC", text)
    if composed == text and len(text) <= WIDEST:
        return text
    cut = composed if len(composed) <= 45 else f"{composed[:45]}…"
    return f"{cut} {digest(name)}"


def visible(character: str) -> str:
    if 0xDC80 <= ord(character) <= 0xDCFF:  # a byte that isn't UTF-8, as Python keeps it
        return f"\\x{ord(character) - 0xDC00:02x}"
    return ascii(character)[1:-1]


def digest(name: str) -> str:
    return hashlib.sha256(raw(name)).hexdigest()[:12]


def raw(name: str) -> bytes:
    """The bytes that a name has on disk."""
    return name.encode("utf-8", "surrogateescape" if os.name == "posix" else "surrogatepass")


def path_of(folder: Path, name: str) -> Path:
    """Where the record of the student with this name is."""
    return folder / f"{identity(name)}.json"


def save(path: Path, record: Record, name: str, secret: str) -> Record:
    """Seal a record and write it; the record with its seal.

    Raises:
        OSError: it can't be written.
    """
    sealed = msgspec.structs.replace(record, id=identity(name), seal="")
    sealed.seal = seal_of(sealed, name, secret)
    write_atomically(path, encode(sealed), private=True)
    return sealed


def load(path: Path, week: int, name: str, secret: str) -> Record:
    """The record of a student and week, as it was saved.

    Raises:
        OSError: there is none.
        msgspec.DecodeError: it is no record, or not this student's, or was changed.
    """
    record = decode(path.read_bytes())
    unsealed = msgspec.structs.replace(record, seal="")
    genuine = hmac.compare_digest(record.seal.encode(), seal_of(unsealed, name, secret).encode())
    if not genuine or record.week != week:
        raise msgspec.ValidationError("not as the grader wrote it for this student and week")
    return record


def seal_of(record: Record, name: str, secret: str) -> str:
    key = hmac.digest(secret.encode(), b"the seal of records", "sha256")
    return hmac.digest(key, raw(name) + b"\0" + encode(record), "sha256").hex()
