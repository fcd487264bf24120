"""Reading and writing accuracy.toml: the calibrated thresholds of a week, written by a program.

It lies beside the week's modules. What students get of it says how good is good enough, and
not which mistakes a threshold catches.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from course.config import Course
from course.errors import CourseError
from course.tables import read_toml

FILE = "accuracy.toml"
HEADER = "# Written by `autograder calibrate`: thresholds, and the runs that they rest on.\n"


class Accuracy(msgspec.Struct, frozen=True):
    """A calibrated threshold, and the runs of the reference that it rests on."""

    threshold: float
    mean: float  # of the reference's runs
    sd: float
    margin: float  # mean - threshold
    seeds: int  # how many runs
    losses: tuple[float, ...] = ()  # the reference's mean loss after each epoch
    caught: tuple[str, ...] = ()  # mistakes that always stay below the threshold


def path(course: Course, number: int) -> Path:
    """Where a week's thresholds are, if it has any."""
    return course.folder(number) / FILE


def load(course: Course, number: int) -> dict[str, Accuracy]:
    """The thresholds of a week by the names of their checks; none if there is no file.

    Raises:
        CourseError: with every problem of the file.
    """
    file = path(course, number)
    if not file.is_file():
        return {}
    name = file.relative_to(course.root).as_posix()
    top = read_toml(file, name, "Calibrate the week again.")
    thresholds = {check: top.table(check).struct(Accuracy) for check in top.names()}
    top.close()
    if top.problems:
        raise CourseError(*top.problems)
    return {check: threshold for check, threshold in thresholds.items() if threshold}


def dump(thresholds: dict[str, Accuracy]) -> str:
    """The text of an accuracy.toml."""
    tables = {
        name: msgspec.to_builtins(threshold) for name, threshold in sorted(thresholds.items())
    }
    return HEADER + "".join(f"\n[{name}]\n{_lines(table)}" for name, table in tables.items())


def _lines(table: dict[str, object]) -> str:
    known = {key: value for key, value in table.items() if value != ()}
    return "".join(
        f"{key} = {msgspec.json.encode(value).decode()}\n" for key, value in known.items()
    )


def for_students(thresholds: dict[str, Accuracy]) -> dict[str, Accuracy]:
    """The same thresholds without the mistakes that they catch."""
    return {
        name: msgspec.structs.replace(threshold, caught=())
        for name, threshold in thresholds.items()
    }
