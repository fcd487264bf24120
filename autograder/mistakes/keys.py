"""Where what a mistake does is cached: under hashes of all that it depends on, and of nothing else.

So what an author changes in one module doesn't run the mistakes of the others again.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import numpy as np

from autograder.options import Options, course_secret
from autograder.oracle.expected import sources_key
from autograder.submission.digests import ENGINE, FORMATS, code_digest
from course import accuracy
from course.catalogue import Mistake
from course.config import Course, Week

ACCURACY = "accuracy"  # the module of the checks that train a model


class Part(StrEnum):
    """The checks that a run is asked about; what came of each part is cached by itself."""

    REHEARSAL = "rehearsal"  # public, of the mistake's module, on the numbers of the release
    PUBLIC = "public"  # of the mistake's module
    HIDDEN = "hidden"  # of the mistake's module
    TRAINED = "trained"  # of the week's models


class Keys:
    """The keys of a week's mistakes, as things are now."""

    def __init__(self, course: Course, week: Week, options: Options) -> None:
        self.course, self.week = course, week
        self.secret = course_secret(course, options)
        self.common = self.of_surroundings()
        self.modules = {module: self.of_module(module) for module in (*week.modules, ACCURACY)}

    def of(self, mistake: Mistake, part: Part) -> str:
        """The key of one part of what a mistake does."""
        text = [self.common, part, mistake.where, mistake.replace, mistake.with_]
        if part is not Part.REHEARSAL:
            text.append(self.secret)
        if part is Part.TRAINED:
            thresholds = accuracy.path(self.course, self.week.number)
            return digest([*text, *self.modules.values()], [thresholds])
        return digest([*text, self.modules[mistake.module]], [])

    def of_probes(self, mistake: Mistake) -> str:
        """The key of what a mistake gives for the probes of its module, which have no secret."""
        text = [self.common, "probes", mistake.id, mistake.where, mistake.replace, mistake.with_]
        probes = self.course.checks(self.week.number) / f"probes_{mistake.module}.py"
        return digest([*text, self.modules[mistake.module]], [probes])

    def of_arguments(self, module: str) -> str:
        """The key of what a module's probes get wrong when the solution is asked otherwise."""
        probes = self.course.checks(self.week.number) / f"probes_{module}.py"
        return digest([self.common, "arguments", self.modules[module]], [probes])

    def of_slips(self, module: str) -> str:
        """The key of what a module's probes get wrong with each slip in the solution."""
        probes = self.course.checks(self.week.number) / f"probes_{module}.py"
        return digest([self.common, "slips", self.modules[module]], [probes])

    def of_near_stubs(self, module: str) -> str:
        """The key of what the near-stubs of a module pass."""
        makers = [
            *sorted((ENGINE / "author").glob("near_stub*.py")),
            ENGINE / "author/listening.py",
        ]
        return digest([self.common, "near-stubs", self.secret, self.modules[module]], makers)

    def of_surroundings(self) -> str:
        """A hash of what surrounds every run: what judges, what students get, earlier weeks."""
        judges = [sources_key(self.course.oracles), code_digest((ENGINE, FORMATS))]
        return digest([sys.version, np.__version__, *judges], around(self.course, self.week))

    def of_module(self, module: str) -> str:
        """A hash of a module and its checks, and of those of its week that either speaks of."""
        found = [module]
        for name in found:  # which grows on the way
            text = "".join(f.read_text(encoding="utf-8") for f in self.files_of(name))
            words = set(re.findall(r"\w+", text))
            found += [other for other in self.week.modules if other in words - set(found)]
        return digest([], [file for name in found for file in self.files_of(name)])

    def files_of(self, module: str) -> list[Path]:
        week = self.week.number
        files = (
            self.course.folder(week) / f"{module}.py",
            self.course.checks(week) / f"test_{module}.py",
        )
        return [file for file in files if file.is_file()]


def around(course: Course, week: Week) -> list[Path]:
    """What of a course surrounds every run: what students get, and earlier weeks."""
    before = [number for number in sorted(course.weeks) if number < week.number]
    files = [course.fixtures, *sorted((course.solutions / "given").glob("*"))]
    return files + [file for n in before for file in sorted(course.folder(n).glob("*.py"))]


def digest(texts: Iterable[str], files: Iterable[Path]) -> str:
    """A hash of these texts, and of the names and contents of these files, where they exist."""
    found = hashlib.sha256("\0".join(texts).encode())
    for file in files:
        if file.is_file():
            found.update(f"\0{file.name}\0".encode() + file.read_bytes())
    return found.hexdigest()
