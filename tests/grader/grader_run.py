"""Runs of the corpus in a process of their own: as oneself, or as an ordinary user."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import grader_class
from grader_corpus import Case
from grader_course import REPOSITORY

from autograder.results import Record, decode
from course.config import Course

DRIVER = REPOSITORY / "tests" / "grader" / "grader_driver.py"
ORDINARY = 12345  # the number of a user that nobody is

# What lies in folders that only root can enter is shown at its place all the same, alone.
SHOW = """
set -e
IFS='
'
mount -t tmpfs tmpfs /mnt
for path in $SHOWN; do mkdir -p "/mnt$path"; mount --rbind "$path" "/mnt$path"; done
for path in $CLOSED; do mount -t tmpfs -o mode=755 tmpfs "$path"; done
for path in $SHOWN; do mkdir -p "$path"; mount --rbind "/mnt$path" "$path"; done
exec setpriv --reuid "$USER" --regid "$USER" --clear-groups env -i PATH="$PATH" "$@"
"""


@dataclass(frozen=True)
class Outcome:
    """What a run of the driver said, and what lies in its temporary folder and its results.

    Attributes:
        rows: the records in the order of the class, also those that could not be written.
        line: the last line, with the exit code.
        unwritten: the students whose reports are missing.
    """

    folder: Path
    user: int
    survivors: list[str]
    left: list[str]
    records: dict[str, Record]
    rows: list[Record]
    skipped: list[str]
    unwritten: list[str]
    line: str


def run(folder: Path, course: Course, cases: Iterable[Case], ordinary: bool = False) -> Outcome:
    """Grade the cases in one batch, in `folder`, which must not exist yet.

    With an ordinary user, the class of grader_class is in it too: who is not root can be kept from
    reading a file.
    """
    shutil.copytree(course.root, folder / "course")
    (folder / "course" / ".course-secret").write_text("a secret that nobody can guess\n")
    (folder / "canary").write_text("sings\n")
    for name in ("tmp", "submissions"):
        (folder / name).mkdir()
    for case in cases:
        case.write(folder / "submissions" / case.name, str(folder))
    if ordinary:
        grader_class.write(folder / "submissions")
        grader_class.block(folder / "results", folder / "reports")
    command = [sys.executable, str(DRIVER), str(folder)]
    other = as_ordinary_user(folder) if ordinary and os.geteuid() == 0 else {}
    if other:
        command = [
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            SHOW,
            "sh",
            *command,
        ]
    done = subprocess.run(
        command, env=os.environ | other, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    written = [path for path in (folder / "results").glob("*.json") if path.is_file()]
    return Outcome(
        folder=folder,
        user=said["uid"],
        survivors=said["survivors"],
        left=[path.name for path in (folder / "tmp").iterdir()],
        records={path.stem: decode(path.read_bytes()) for path in written},
        rows=[decode(row.encode()) for row in said["rows"]],
        skipped=said["skipped"],
        unwritten=said["unwritten"],
        line=said["line"],
    )


def as_ordinary_user(folder: Path) -> dict[str, str]:
    """What the script that gives up root's powers needs to know."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, ORDINARY, ORDINARY, follow_symlinks=False)
    needed = [Path(sys.base_prefix).resolve(), Path(sys.prefix), REPOSITORY, folder]
    closed = {gate for path in needed if (gate := closed_gate(path)) is not None}
    shown = [path for path in needed if closed & set(path.parents)]
    return {
        "USER": str(ORDINARY),
        "CLOSED": "\n".join(map(str, sorted(closed))),
        "SHOWN": "\n".join(map(str, dict.fromkeys(shown))),
    }


def closed_gate(path: Path) -> Path | None:
    """The first folder on the way to `path` that others may not enter."""
    ways = reversed(path.parents)
    return next((way for way in ways if not way.stat().st_mode & stat.S_IXOTH), None)
