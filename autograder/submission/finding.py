"""Finds a week's files in what a student handed in, wherever they were put.

docs/instructors.md has a table of the layouts. No link is followed.
Where a file is there twice, the first place in the order of `places` counts where it isn't as it
was released, and a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec

from autograder.options import InputError
from autograder.sandbox.protocol import one_line
from autograder.submission.folders import Flat, Folder, OnDisk, Zipped
from autograder.submission.intake import Missing, Refused
from autograder.submission.untouched import as_released
from autograder.submission.zipped import Reader, members
from course import notebooks
from course.config import ANSWERS, Week

DEEPEST = 3  # folders in one another that hold nothing but the next one
MOST = 20  # places that are looked into, and zips: a zip may list folders without end
SHOWN = 8  # names or notes at most, so that a message stays a message
ARCHIVES = (".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz")
NO_WORK = ("assignments", ANSWERS)  # looked into by name, or never: answers are nobody's work
WEEK = re.compile(r"week[ _.-]*0*(\d{1,4})", re.IGNORECASE)


class NothingFound(InputError):
    """None of the week's files is in a submission; the message says where they were looked for.

    Attributes:
        parts: of the message: the same for everybody, and what is there instead.
    """

    exit_code = 3

    def __init__(self, *parts: str) -> None:
        super().__init__("; ".join(parts))
        self.parts = parts


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Attributes:
        name: whose it is: as it stands in the class's folder, whatever characters it has.
        path: a folder, a zip, or the folder with `files`.
        files: of a download without folders: what a file is called, and its name there.
        notes: for the record.
        also: other folders and zips of the same student.
    """

    name: str
    path: Path
    files: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    also: tuple[Path, ...] = ()


class Found(msgspec.Struct, frozen=True):
    """The week's files of one submission.

    Attributes:
        readers: how to read each of them that is there.
        names: the Python files beside them.
    """

    readers: dict[str, Reader]
    names: frozenset[str]
    notes: tuple[str, ...]

    @property
    def handed_in(self) -> frozenset[str]:
        return frozenset(self.readers)

    def read(self, name: str, most: int) -> bytes:
        """The content of a file.

        Raises:
            Missing: it was not handed in.
            Refused: it can't be taken; the message says why.
            InputError: it can't be read, through nobody's fault.
        """
        if name not in self.readers:
            raise Missing("is missing")
        try:
            return self.readers[name](most)
        except Missing:
            raise InputError(f"{name} went away while it was graded") from None


def find(submission: Path | Submission, week: Week, released: Path | None = None) -> Found:
    """The week's files in a submission.

    Args:
        released: the folder with the files as students got them.
    Raises:
        NothingFound: none of them is there.
        InputError: there is no such submission, or it can't be read.
    """
    if isinstance(submission, Path):
        submission = Submission(submission.name, submission)
    wanted = [*(f"{module}.py" for module in week.modules), notebooks.NAME]
    problems: list[str] = []
    tops = [*opened_top(submission, problems)]
    for top in tops[:1]:
        tops += zips_in(top, week, problems)
    for path in submission.also:
        tops += opened_top(Submission(path.name, path), problems, f"{path.name}/")
    there = {
        place.label: place.look().files
        for place in (place for top in tops for place in places(top, week))
    }
    chosen: dict[str, str] = {}  # the label of the place that each file is taken from
    for name in wanted:
        if labels := [label for label, files in there.items() if name in files]:
            same = as_released(name, released) if len(labels) > 1 else (lambda _: False)
            chosen[name] = next((x for x in labels if not same(there[x][name])), labels[0])
    if not chosen:
        raise NothingFound(*nothing_found(week, wanted, tops, problems))
    first = next(label for label in there if label in chosen.values())
    names = {name for name in there[first] if name.endswith(".py")}
    readers = {name: there[label][name] for name, label in chosen.items()}
    notes = [*submission.notes, *problems, *doubles(there, chosen)]
    return Found(readers, frozenset(names), tuple(notes[:SHOWN]))


def doubles(there: Mapping[str, Mapping[str, Reader]], chosen: Mapping[str, str]) -> list[str]:
    """A note for each pair of places of which one counts."""
    twice: dict[tuple[str, str], list[str]] = {}
    for label, files in there.items():
        for name, used in chosen.items():
            if name in files and label != used:
                twice.setdefault((used, label), []).append(name)
    order = list(there)
    return [
        double(*pair, names, order.index(pair[1]) < order.index(pair[0]))
        for pair, names in twice.items()
    ]


def opened_top(submission: Submission, problems: list[str], label: str = "") -> Iterator[Folder]:
    """The folder that everything is below; nothing, and a problem, for a zip that can't be read."""
    path = submission.path
    if submission.files:
        yield Flat(path, submission.files)
    elif path.is_dir():
        yield OnDisk(path, label)
    elif path.suffix.lower() == ".zip":
        yield from opened_zip(path.name, path, problems)
    elif path.suffix.lower() in ARCHIVES and path.is_file():
        problems.append(
            f"{one_line(path.name, 60)} is packed in a way that isn't read: ask for a zip"
        )
    else:
        raise InputError(
            f"{path} is not a folder: hand over the one with the week's files, or a zip of it"
        )


def opened_zip(label: str, path: Path, problems: list[str]) -> Iterator[Folder]:
    try:
        yield Zipped(f"{label}: ", *members(path))
    except Missing:
        raise InputError(f"{one_line(label, 60)} went away while it was graded") from None
    except Refused as reason:
        problems.append(f"{one_line(label, 60)} {reason}")


def zips_in(top: Folder, week: Week, problems: list[str]) -> list[Folder]:
    """The zips in the places where the week's files may be."""
    zips = [
        (one.label + n, path) for one in places(top, week) for n, path in one.look().zips.items()
    ]
    if len(zips) > MOST:
        problems.append(f"{len(zips)} zips are too many: the first {MOST} were looked into")
    return [one for label, path in zips[:MOST] for one in opened_zip(label, path, problems)]


def places(top: Folder, week: Week) -> Iterator[Folder]:
    """Where the week's files may be, each place once, at most so many; what comes first counts."""
    seen = set()
    for place in islice(all_places(top, week), MOST):
        if place.label not in seen:
            seen.add(place.label)
            yield place


def all_places(top: Folder, week: Week) -> Iterator[Folder]:
    for level in levels(top):
        folders = level.look().folders
        course = [folder for name, folder in folders.items() if name.lower() == "assignments"]
        for parent in (*course, level):
            for name, folder in parent.look().folders.items():
                if number_of(name) == week.number:
                    yield from levels(folder, week.number)
        yield level


def number_of(name: str) -> int | None:
    """The week that a folder is named for."""
    match = WEEK.fullmatch(name)
    return int(match[1]) if match else None


def levels(top: Folder, week: int | None = None) -> Iterator[Folder]:
    """The folder, the one folder in it, the one in that: as unpacking a zip leaves them.

    Folders of a week are no part of this; in one, another one of the same week is.
    """
    for _ in range(DEEPEST + 1):
        yield top
        inner = [
            folder
            for name, folder in top.look().folders.items()
            if number_of(name) in (None, week) and name.lower() not in NO_WORK
        ]
        if len(inner) != 1:
            return
        top = inner[0]


def double(used: str, unused: str, names: list[str], untouched: bool) -> str:
    here, there = (one_line(label, 80).strip(" :") or "the top folder" for label in (used, unused))
    return f"handed in twice: {', '.join(names)}; graded as in {here}, not as in {there}" + (
        ", where nothing was changed" if untouched else ""
    )


def nothing_found(
    week: Week, wanted: Iterable[str], tops: Iterable[Folder], problems: Iterable[str]
) -> tuple[str, str]:
    """What was looked for and where; what is there instead."""
    seen = [f"{top.label}{name}" for top in tops for name in top.look().shown()]
    shown = [one_line(name, 60) for name in seen[:SHOWN]]
    more = [f"{len(seen) - SHOWN} more"] if len(seen) > SHOWN else []
    folders = f"week_{week.number}, assignments/week_{week.number}"
    looked = (
        f"no file of week {week.number} found; looked for {', '.join(wanted)} at the top, in "
        f"{folders}, in a folder around them and in zips"
    )
    return looked, "; ".join([f"saw {', '.join([*shown, *more]) or 'nothing'}", *problems])
