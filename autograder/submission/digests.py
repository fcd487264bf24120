"""Hashes that tell whether a submission has to be graded again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import msgspec

from autograder.options import Options, course_secret, public_only
from autograder.oracle.expected import sources_key, version_of
from autograder.submission import notebook_file
from autograder.submission.intake import Intake
from course import accuracy, catalogue
from course import config as formats
from course.config import Course, Week

ENGINE, FORMATS = Path(__file__).parents[1], Path(formats.__file__).parent
# What starts the engine, keeps verdicts, counts and shows them. All the rest takes part in them.
NO_JUDGES = frozenset(
    {
        *("author", "cli", "gradebook", "report"),
        *("__main__.py", "batch.py", "canaries.py", "classroom.py", "ending.py"),
        *("pool.py", "progress.py", "records.py", "temporary.py"),
    }
)

State = list[tuple[Path, int, int]]
KEPT: dict[tuple[Path, int], tuple[State, str]] = {}  # of a course's week: its files, their hash


def submission_digest(intake: Intake, options: Options) -> str:
    """A hash of all of a submission that is graded."""
    if not options.notebook:
        return intake.digest
    parts = intake.digest + notebook_file.digest(intake.files)
    return hashlib.sha256(parts.encode()).hexdigest()


def checks_digest(course: Course, week: Week, options: Options) -> str:
    """A hash of all that a verdict depends on beside the submission, and of nothing else."""
    rehearsal = public_only(course, options)
    secret = "" if rehearsal else course_secret(course, options)
    parts = (
        *(platform.python_version(), version_of("numpy"), sources_key(course.oracles)),
        code_digest((ENGINE, FORMATS)),
        content_digest(course, week),
        hashlib.sha256(secret.encode()).hexdigest(),
        msgspec.json.encode(replace(options, secret=None, public_only=rehearsal)).decode(),
        msgspec.json.encode((week.modules, course.standards.notebook_points)).decode(),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@lru_cache(maxsize=4)
def code_digest(packages: tuple[Path, ...]) -> str:
    """A hash of the code that judges; once in a process, which goes on with what it has loaded."""
    return digest_of([(root, file) for root in packages for file in judges(root)])


def judges(package: Path) -> list[Path]:
    """The files of one of our packages that take part in a verdict."""
    files = sorted(package.rglob("*.py"))
    return [file for file in files if file.relative_to(package).parts[0] not in NO_JUDGES]


def content_digest(course: Course, week: Week) -> str:
    """A hash of the course's files that a verdict depends on; they are read if one has changed."""
    files = [file for file in ingredients(course, week) if file.is_file()]
    status = [(file, file.stat()) for file in files]
    now = [(file, found.st_mtime_ns, found.st_size) for file, found in status]
    place = (course.root, week.number)
    if place not in KEPT or KEPT[place][0] != now:
        KEPT[place] = now, digest_of([(course.root, file) for file in files])
    return KEPT[place][1]


def ingredients(course: Course, week: Week) -> Iterator[Path]:
    """What a submission is staged with, what checks it, and what explains its failures."""
    number = week.number
    yield from files_in(course.source / "given")
    yield from files_in(course.source)  # the fixtures, and what they load
    for earlier in sorted(course.weeks):
        if earlier < number:
            yield from sorted(course.earlier(earlier).glob("*.py"))
    yield from files_in(course.checks(number))
    yield from files_in(course.oracles)
    yield accuracy.path(course, number)
    if course.has_solutions:  # in a student's checkout the week is the submission
        yield from sorted(course.folder(number).glob("*.py"))  # mistakes are replacements in it
        yield catalogue.path(course, number)
        yield catalogue.path(course, number).with_name(catalogue.DEVIATIONS)


def files_in(folder: Path) -> list[Path]:
    """The files in a folder, without those in folders below, and without documents."""
    return sorted(file for file in folder.glob("[!.]*") if file.suffix != ".md")


def digest_of(files: list[tuple[Path, Path]]) -> str:
    """A hash of these files: where they are below their roots, and what they hold."""
    digest = hashlib.sha256()
    for root, file in files:
        data = file.read_bytes()
        digest.update(f"{file.relative_to(root)}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()
