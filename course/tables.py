"""A TOML table that is read strictly, and that collects every problem instead of the first."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from course.errors import CourseError, did_you_mean

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)


class Table:
    """One table of a TOML file: `take` its keys, then `close` it, which refuses the rest.

    Attributes:
        problems: shared by all tables of a file, in the order in which they were found.
    """

    def __init__(
        self, file: str, name: str, values: Mapping[str, Any], problems: list[str] | None = None
    ) -> None:
        self.place = f"{file}: [{name}]" if name else file
        self.problems: list[str] = [] if problems is None else problems
        self._file, self._name, self._values = file, name, values
        self._taken: set[str] = set()
        self._tables: dict[str, Table] = {}

    def complain(self, problem: str) -> None:
        self.problems.append(f"{self.place}: {problem}")

    def names(self) -> list[str]:
        return list(self._values)

    def table(self, key: str, required: bool = True) -> Table:
        """The table below this one; an empty one when it is missing or is no table."""
        if key not in self._tables:
            name = f"{self._name}.{key}" if self._name else key
            values = self._table_values(key, name, required)
            self._tables[key] = Table(self._file, name, values, self.problems)
        return self._tables[key]

    def _table_values(self, key: str, name: str, required: bool) -> Mapping[str, Any]:
        self._taken.add(key)
        values = self._values.get(key)
        if isinstance(values, dict):
            return values
        if values is not None:
            self.complain(f'"{key}" must be a table [{name}].')
        elif required:
            self.complain(f"the table [{name}] is missing.")
        return {}

    def take(self, key: str, kind: type[T], may_be_empty: bool = False) -> T | None:
        """The value of a key, converted to `kind`; None when it is missing or of another kind."""
        self._taken.add(key)
        if key not in self._values:
            self.complain(f'"{key}" is missing.')
            return None
        try:
            value = msgspec.convert(self._values[key], kind)
        except msgspec.ValidationError as error:
            self.complain(f'"{key}": {error}.')
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self.complain(f'"{key}" is {value}, not a finite number.')
        if value == "" and not may_be_empty:
            self.complain(f'"{key}" is empty.')
        return value

    def struct(self, kind: type[S]) -> S | None:
        """The whole table as a struct; None when a key is missing or wrong."""
        before = len(self.problems)
        known = msgspec.structs.fields(kind)
        fields = {
            field.name: self.take(field.name, field.type)
            for field in known
            if field.required or field.name in self._values
        }
        self._taken.update(field.name for field in known)
        self.close()
        return kind(**fields) if len(self.problems) == before else None

    def close(self) -> None:
        """Complain about every key that nobody took."""
        for key in self.names():
            if key not in self._taken:
                self.complain(f'unknown key "{key}".{did_you_mean(key, self._taken)}')


def read_toml(path: Path, name: str, advice: str = "") -> Table:
    """The top table of a TOML file.

    Args:
        name: how messages call the file, such as "course.toml".
        advice: what to do about a file that is no TOML.

    Raises:
        CourseError: it can't be read or is no TOML; TOML's own words say the line.
    """
    try:
        return Table(name, "", tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise CourseError(f"{name}: not found in {path.parent}.") from None
    except OSError as error:
        raise CourseError(f"{name}: can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CourseError(f"{name}: not UTF-8 at byte {error.start}. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        if b"\n<<<<<<< " in b"\n" + path.read_bytes():
            advice = "Git could not merge it: keep one of the two versions, delete the markers."
        raise CourseError(f"{name}: not valid TOML: {error}. {advice}".rstrip()) from error
