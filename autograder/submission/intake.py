"""Takes in a submission: only the week's listed files, as plain UTF-8 text, into a fresh folder.

A submission is a folder that somebody else filled. Nothing of it is followed (links), waited
for (FIFOs), believed (sizes) or carried along (anything that the manifest doesn't list).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path

from autograder.results import Todo
from autograder.sandbox.protocol import clean
from course.config import Course, Week

MAX_BYTES = 256 << 10  # of one file: ten times the longest solution
TODO = re.compile(r"^\s*# TODO\s+(\S.*)$")
STUB = re.compile(r"^\s*raise NotImplementedError\([\"'](week_\d+/\w+\.py): ([\w.<>]+)[\"']\)\s*$")


@dataclass
class Intake:
    """What was taken in: the staged import root, a digest of the files, and what was refused."""

    root: Path
    digest: str = ""
    refused: dict[str, str] = field(default_factory=dict)  # module -> why
    notes: list[str] = field(default_factory=list)
    todos: list[Todo] = field(default_factory=list)


class Refused(Exception):
    """A file of a submission can't be taken in; the message says why."""


class Missing(Refused):
    """There is no such file."""


def week_folder(submission: Path, week: Week) -> Path:
    """The folder that holds the week's files: `submission` itself, or its `week_N`."""
    inner = submission / f"week_{week.number}"
    return inner if inner.is_dir() and not inner.is_symlink() else submission


def stage(course: Course, week: Week, submission: Path, root: Path) -> Intake:
    """Build the worker's import root: given, the weeks before, and this week's submission."""
    root.mkdir(parents=True)
    intake = Intake(root)
    reference = course.solutions if course.has_solutions else course.assignments
    if (reference / "given").is_dir():
        copy_modules(reference / "given", root / "given")
    for number in sorted(course.weeks):
        if number < week.number and (reference / f"week_{number}").is_dir():
            copy_modules(reference / f"week_{number}", root / f"week_{number}")
    target = root / f"week_{week.number}"
    target.mkdir()
    (target / "__init__.py").touch()
    take_in(week, week_folder(submission, week), target, intake)
    return intake


def copy_modules(source: Path, target: Path) -> None:
    """The Python files of one of our own folders; no data: the worker has no use for labels."""
    target.mkdir()
    for file in source.glob("*.py"):
        shutil.copyfile(file, target / file.name)


def take_in(week: Week, folder: Path, target: Path, intake: Intake) -> None:
    """Copy the week's listed files one by one; remember why one can't be had."""
    digest = hashlib.sha256()
    for module in week.modules:
        name = f"{module}.py"
        try:
            text = read_text(folder / name)
        except Refused as reason:
            intake.refused[module] = f"week_{week.number}/{name} {reason}"
            digest.update(f"{name}\0{reason}\0".encode())
            continue
        (target / name).write_text(text, encoding="utf-8", newline="")
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
        intake.todos += todos(text)
    intake.digest = digest.hexdigest()
    intake.notes += [
        f"{reason}; its checks count as not passed" for reason in intake.refused.values()
    ]
    intake.notes += extra_files(week, folder)


def read_text(path: Path) -> str:
    """The text of a file that `read_bytes` takes, and that is UTF-8.

    Raises:
        Refused: it isn't.
    """
    data = read_bytes(path, MAX_BYTES)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"is not UTF-8 text (byte {error.start}): save it as UTF-8") from None
    if "\0" in text:
        raise Refused("holds a NUL character: it is not Python source")
    return text


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a regular file that is nobody's link, and has at most `most` bytes.

    Raises:
        Missing: there is no such file.
        Refused: it is something else, or larger.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise Missing("is missing") from None
    except OSError:
        raise Refused("can't be read: it must be a regular file, not a link") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Refused("is not a regular file")
        if status.st_nlink > 1:
            raise Refused("is a hard link: hand in a copy of the file")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(most + 1)
    finally:
        os.close(descriptor)
    if len(data) > most:
        size = f"{most >> 20} MB" if most >= 1 << 20 else f"{most >> 10} KB"
        raise Refused(f"is larger than {size}")
    return data


def extra_files(week: Week, folder: Path) -> list[str]:
    """A note on Python files that are not graded, so that nobody wonders."""
    listed = {f"{module}.py" for module in week.modules} | {"__init__.py"}
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(".py"))
    except OSError:
        return []
    extra = [clean(name, 60).replace("\n", " ") for name in names if name not in listed]
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
