"""The submissions in a class's folder, one for each student, however a platform packs them.

A folder or a zip for each student; Moodle's download, with folders or without; Canvas's files,
whose names begin with the student's; nbgrader's `submitted`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from autograder.options import InputError
from autograder.results import OURS
from autograder.sandbox.protocol import clean
from autograder.submission.finding import ARCHIVES, MOST, Submission

MOODLE = re.compile(r"(?P<student>.+_\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<file>.*)")
CANVAS = re.compile(r"(?P<student>[^_]+)_(?P<late>LATE_)?(?P<user>\d+)_\d+_(?P<file>.+)")
ATTEMPT = re.compile(r"(?P<stem>.+)-(?P<number>\d+)(?P<suffix>\.\w+)")  # Canvas: linear-2.py
NBGRADER = frozenset({"source", "release", "submitted", "autograded", "feedback"})  # its folders
HANDED_IN = (".py", ".ipynb", ".zip", *ARCHIVES)  # none of which a class's results hold
LATE = "Canvas says that this was handed in late"


@dataclass
class Roster:
    """Who handed in, in the order of their names, and what was passed over and why."""

    submissions: list[Submission] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def read(folder: Path) -> Roster:
    """The submissions in a class's folder.

    Raises:
        InputError: there is no such folder, it can't be read, or holds no submission.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: it must hold one folder per student")
    entries = entries_of(folder)
    if is_nbgraders(entries):  # the course's folder instead of what is in it
        folder = folder / "submitted"
        entries = entries_of(folder)
    builder = Builder(folder)
    for entry in entries:
        builder.add(entry)
    roster = builder.finish()
    if not roster.submissions:
        passed = f" ({'; '.join(roster.skipped[:5])})" if roster.skipped else ""
        raise InputError(
            f"{folder} holds no submission: it must hold one folder per student{passed}"
        )
    return roster


def entries_of(folder: Path) -> list[os.DirEntry[str]]:
    """Raises InputError: it can't be read."""
    try:
        with os.scandir(folder) as scan:
            return sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(f"{folder} can't be read: {error.strerror}") from None


def is_nbgraders(entries: list[os.DirEntry[str]]) -> bool:
    """Whether these are of nbgrader's course: `submitted`, and nothing that may be a student's."""
    folders = {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
    zips = any(entry.name.lower().endswith(".zip") for entry in entries)
    students = {name for name in folders - NBGRADER if not name.startswith((".", "_"))}
    return "submitted" in folders and not students and not zips


def is_ours(folder: Path) -> bool:
    """Whether a class's results or reports are in it, of one week or of several.

    A student can write the mark that lies there as well: where files are that somebody may have
    handed in, it is a submission.
    """
    weeks = (folder, *islice(folder.glob("week_*"), MOST))
    places = [place / below for place in weeks for below in ("", "private")]
    marked = any(os.path.isfile(place / OURS) for place in places)  # noqa: PTH113, it raises nothing
    files = (name for _, _, names in os.walk(folder) for name in names)
    return marked and not any(name.lower().endswith(HANDED_IN) for name in islice(files, 10_000))


class Builder:
    """Sorts the entries of a class's folder, each to its student."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.whole: dict[str, Submission] = {}  # folders and zips, by the student's name
        self.flat: dict[str, dict[str, tuple[int, str]]] = {}  # student -> file -> attempt, name
        self.poor: dict[str, Submission] = {}  # what counts only if there is nothing else
        self.late: set[str] = set()
        self.skipped: list[str] = []

    def add(self, entry: os.DirEntry[str]) -> None:
        name, path = entry.name, self.folder / entry.name
        if entry.is_symlink():
            self.skip(name, "a link")
        elif name.startswith("."):
            self.skip(name, "hidden")
        elif name.startswith("_"):
            self.skip(name, "its name begins with _")
        elif entry.is_dir(follow_symlinks=False):
            if is_ours(path):
                self.skip(name, "results of the grader's, which it wrote here earlier")
            else:
                self.add_folder(name, path)
        elif not entry.is_file(follow_symlinks=False):
            self.skip(name, "neither a folder nor a file")
        else:
            self.add_file(name, path)

    def add_folder(self, name: str, path: Path) -> None:
        match = MOODLE.fullmatch(name)
        if match is None or match["file"]:
            self.put(self.whole, name, path)
        else:  # what was typed into Moodle has a folder of its own
            self.put(self.whole if match["kind"] == "file" else self.poor, match["student"], path)

    def add_file(self, name: str, path: Path) -> None:
        if (match := MOODLE.fullmatch(name)) and match["file"]:
            self.put_file(match["student"], match["file"], name)
        elif match := CANVAS.fullmatch(name):
            student = f"{match['student']}_{match['user']}"
            self.put_file(student, match["file"], name)
            if match["late"]:
                self.late.add(student)
        elif path.suffix.lower() == ".zip":
            self.put(self.whole, path.stem, path)
        elif path.suffix.lower() in ARCHIVES:
            self.put(self.poor, path.stem, path)
        else:
            self.skip(name, "neither a folder nor a zip")

    def put(self, students: dict[str, Submission], student: str, path: Path) -> None:
        if student in students:  # a folder and a zip of it: what was changed counts
            known = students[student]
            students[student] = replace(known, also=(*known.also, path))
        else:
            students[student] = Submission(student, path)

    def put_file(self, student: str, file: str, stored: str) -> None:
        match = ATTEMPT.fullmatch(file)
        attempt = int(match["number"]) if match else 0
        file = match["stem"] + match["suffix"] if match else file
        files = self.flat.setdefault(student, {})
        if file in files:
            self.skip(min((attempt, stored), files[file])[1], "there is a later attempt")
        files[file] = max((attempt, stored), files.get(file, (0, "")))

    def finish(self) -> Roster:
        found = dict(self.whole)
        for student, files in self.flat.items():
            if student in found:
                for _, stored in files.values():
                    self.skip(stored, f"{found[student].path.name} is of the same student")
                continue
            names = tuple((file, stored) for file, (_, stored) in sorted(files.items()))
            notes = (LATE,) if student in self.late else ()
            found[student] = Submission(student, self.folder, names, notes)
        for student, submission in self.poor.items():
            if student in found:
                self.skip(submission.path.name, "there is something better of the same student")
            else:
                found[student] = submission
        return Roster([found[student] for student in sorted(found)], self.skipped)

    def skip(self, name: str, why: str) -> None:
        self.skipped.append(clean(f"{clean(name, 60)}: {why}", 200).replace("\n", " "))
