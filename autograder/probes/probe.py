"""A probe: a small public case of a class or a function, and what it is handed when it runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec import Struct, field

from autograder.loading import line_of, load_file, what
from autograder.oracle.expected import Oracle
from autograder.parity.compare import Parity
from autograder.sandbox.remote import Package
from autograder.sandbox.remote_worker import RemoteWorker
from course.config import Course, Week
from course.errors import CourseError

NAME = "PROBES"  # what a file of probes defines
ROUNDING = 1e-9  # what is left of terms that cancel, where nothing but zeros is expected


class Observer(Parity):
    """Compares, and notes what is wrong only because something before it was."""

    inquires: bool = True  # whether it is worth finding that out
    follows: dict[str, bool] = field(default_factory=dict)  # by label, where it was found out
    reasons: dict[str, str] = field(default_factory=dict)  # by label: a sentence for a student
    plain: dict[str, tuple[Any, Any]] = field(default_factory=dict)  # texts and lists that differ

    def __call__(
        self,
        label: str,
        got: Any,
        expected: Any,
        *,
        trivial: bool = True,  # zeros are no answer to all probes
        rtol: float | None = None,
    ) -> None:
        if not np.any(expected) and isinstance(got, np.ndarray) and got.dtype.kind == "f":
            got = np.where(np.abs(got) < ROUNDING, np.zeros_like(got), got)
        earlier = self.seen.get(label)
        super().__call__(label, got, expected, trivial=trivial, rtol=rtol)
        if earlier is not None and label in self.evidence and self.comparisons[-1].passed:
            self.seen[label] = earlier  # what was wrong before is compared with what was expected

    def equal(self, label: str, got: Any, expected: Any) -> None:
        super().equal(label, got, expected)
        if not self.comparisons[-1].passed and type(got) is type(expected) in (str, list):
            self.plain[label] = (got, expected)

    def means(self, label: str, sentence: str) -> None:
        """Say what it means, whatever the values are, if this is wrong."""
        self.reasons[label] = sentence

    def excuse(self, label: str, follows: bool) -> None:
        """Whether what is wrong under this label is right for what the submission did before it."""
        self.follows[label] = follows


@dataclass(frozen=True)
class Scene:
    """What a probe is handed: as a check, but that its numbers are small and always the same."""

    student: Package
    given: Package
    weeks: Callable[[int], Package]  # the reference of an earlier week
    worker: RemoteWorker
    rng: np.random.Generator
    oracle: Oracle
    parity: Observer


class Probe(Struct, frozen=True):
    """A small public case.

    Attributes:
        subject: the class or function that it is about.
        title: the case in a few words: "Linear(2, 1), x of shape (1, 2)".
        run: asks the submission, and compares what it gives under a label each.
    """

    subject: str
    title: str
    run: Callable[[Scene], None]


def probes_of(course: Course, week: Week, module: str) -> list[Probe]:
    """The probes of a module, in their order; none where there is no file of them.

    Raises:
        CourseError: the file can't be loaded, or two probes have the same title.
    """
    file = course.checks(week.number) / f"probes_{module}.py"
    if not file.is_file():
        return []
    try:
        probes = list(getattr(load_file(file), NAME))
    except Exception as error:
        place = f"{course.relative(file)}:{line_of(file, error) or 1}"
        raise CourseError(f"{place}: the probes can't be loaded: {what(error)}") from error
    for title, count in Counter(probe.title for probe in probes).items():
        if count > 1:
            raise CourseError(f'{course.relative(file)}: {count} probes are called "{title}"')
    return probes


def probes_about(course: Course, week: Week, module: str, function: str) -> list[Probe]:
    """Those of the class that a function is in, "Softmax.forward"; all of its module where that is
    a base of several."""
    probes = probes_of(course, week, module)
    own = function.partition(".")[0]
    return [probe for probe in probes if probe.subject == own] or probes
