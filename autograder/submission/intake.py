"""Takes in a submission: only the week's listed files, as plain text, into a fresh folder.

A submission is a folder that somebody else filled. Nothing of it is followed (links), waited
for (FIFOs), believed (sizes) or carried along (anything that the manifest doesn't list).
"""

from __future__ import annotations

import codecs
import errno
import hashlib
import io
import os
import re
import shutil
import stat
import tokenize
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from autograder.options import InputError
from autograder.results import Todo
from autograder.sandbox.protocol import clean, one_line
from autograder.submission.released import require_given
from course.config import Course, Week

MAX_BYTES = 256 << 10  # of one file: ten times the longest solution
TODO = re.compile(r"^\s*# TODO\s+(\S.*)$")
# Of what a file may say of its encoding (PEP 263), those that take no more time than the text.
ENCODINGS = re.compile(
    r"ascii|utf-8|iso8859-\d+|cp\d+|koi8-\w|mac-\w+|gb\w+|big5\w*|euc_\w+|shift_jis\w*"
)
STUB = re.compile(r"^\s*raise NotImplementedError\([\"'](week_\d+/\w+\.py): ([\w.<>]+)[\"']\)\s*$")


NOT_A_FILE = {errno.ELOOP, errno.ENXIO, errno.ENODEV}  # a link, a socket, a device


class Files(Protocol):
    """What a student handed in for one week, wherever it lies: see `finding.Found`."""

    @property
    def handed_in(self) -> Collection[str]:
        """Which of the week's files are there."""

    @property
    def names(self) -> Collection[str]:
        """The Python files beside the week's."""

    @property
    def notes(self) -> Sequence[str]:
        """What was chosen, and why."""

    def read(self, name: str, most: int) -> bytes:
        """The content of one of the week's files, as `read_bytes` has it."""


class Intake(msgspec.Struct):
    """What was taken in: the staged import root, a digest of the files, and what was refused."""

    root: Path
    files: Files
    digest: str = ""
    refused: dict[str, str] = {}  # module -> why
    notes: list[str] = []
    todos: list[Todo] = []


class Refused(Exception):
    """A file of a submission can't be taken in; the message says why."""


class Missing(Refused):
    """There is no such file."""


def stage(course: Course, week: Week, files: Files, root: Path) -> Intake:
    """Build the worker's import root: given, the weeks before, and this week's submission.

    Raises:
        InputError: a file is there and can't be read, through nobody's fault.
    """
    root.mkdir(parents=True, exist_ok=True)
    intake = Intake(root, files)
    if (course.source / "given").is_dir():
        copy_modules(course.source / "given", root / "given")
    for number in sorted(course.weeks):
        if number < week.number and course.earlier(number).is_dir():
            copy_modules(course.earlier(number), root / f"week_{number}")
    target = root / f"week_{week.number}"
    target.mkdir()
    (target / "__init__.py").touch()
    take_in(week, files, target, intake)
    if not course.has_solutions:
        require_given(course, root)
    return intake


def copy_modules(source: Path, target: Path) -> None:
    """The Python files of one of our own folders; no data: the worker has no use for labels."""
    target.mkdir()
    for file in source.glob("*.py"):
        shutil.copyfile(file, target / file.name)


def take_in(week: Week, files: Files, target: Path, intake: Intake) -> None:
    """Copy the week's listed files one by one; remember why one can't be had."""
    digest = hashlib.sha256()
    for module in week.modules:
        name = f"{module}.py"
        try:
            data = files.read(name, MAX_BYTES)
            text = as_text(data)
        except Refused as reason:
            intake.refused[module] = f"week_{week.number}/{name} {reason}"
            digest.update(f"{name}\0{reason}\0".encode())
            continue
        (target / name).write_bytes(data)
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
        intake.todos += todos(text)
    intake.digest = digest.hexdigest()
    intake.notes += [
        f"{reason}; its checks count as not passed" for reason in intake.refused.values()
    ]
    intake.notes += [*files.notes, *extra_files(week, files.names)]


def as_text(data: bytes) -> str:
    """The text of a Python file, in the encoding that its coding line names. Raises Refused."""
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        name = "UTF-8" if encoding == "utf-8" else encoding
        raise Refused(f"is not {name} text (byte {error.start}): save it as UTF-8") from None
    if "\0" in text:
        raise Refused("holds a NUL character: it is not Python source")
    return text


def encoding_of(data: bytes) -> str:
    """As Python finds it. UTF-8 where it finds none, or one that isn't taken here."""
    try:
        named, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError:
        return "utf-8"
    name = codecs.lookup(named).name
    return name if ENCODINGS.fullmatch(name) else "utf-8"


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a regular file that is nobody's link, and has at most `most` bytes.

    Raises:
        Missing: there is no such file.
        Refused: it is something else, or larger.
        InputError: it can't be read, through nobody's fault.
    """
    with regular_file(path) as descriptor, open(descriptor, "rb", closefd=False) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise Refused(larger_than(most))
    return data


@contextmanager
def regular_file(path: Path) -> Iterator[int]:
    """A descriptor of a regular file that is nobody's link. Raises as `read_bytes` does."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise Missing("is missing") from None
    except OSError as error:
        if error.errno in NOT_A_FILE:
            raise Refused("can't be read: it must be a regular file, not a link") from None
        raise InputError(unreadable(path.name, error)) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Refused("is not a regular file")
        if status.st_nlink > 1:
            raise Refused("is a hard link: hand in a copy of the file")
        yield descriptor
    except OSError as error:
        raise InputError(unreadable(path.name, error)) from None
    finally:
        os.close(descriptor)


def unreadable(name: str, error: OSError) -> str:
    return f"{one_line(name, 60)} can't be read: {error.strerror}"


def larger_than(most: int) -> str:
    size = f"{most >> 20} MB" if most >= 1 << 20 else f"{most >> 10} KB"
    return f"is larger than {size}"


def extra_files(week: Week, names: Collection[str]) -> list[str]:
    """A note on Python files that are not graded, so that nobody wonders."""
    listed = {f"{module}.py" for module in week.modules} | {"__init__.py"}
    extra = [one_line(name, 60) for name in sorted(names) if name not in listed]
    if not extra:
        return []
    shown = ", ".join(extra[:5]) + (f" and {len(extra) - 5} more" if len(extra) > 5 else "")
    return [f"not graded, and not there to import: {shown}; the week's files are "
            + ", ".join(sorted(listed - {"__init__.py"}))]  # fmt: skip


def todos(text: str) -> list[Todo]:
    """The stubs that are still there, with their lines; found as text, nothing is parsed."""
    found: list[Todo] = []
    words = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if match := TODO.match(line):
            words = match[1]
        elif match := STUB.match(line):
            found.append(Todo(match[1], number, match[2], clean(words, 300)))
            words = ""
    return found
