"""What one run of a week's checks needs and gathers, and what a single check is handed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from autograder.checking.threshold import Threshold
from autograder.notebook.running import Notebook
from autograder.oracle.cache import Cache
from autograder.oracle.expected import Oracle
from autograder.oracle.released import Released
from autograder.parity.compare import Parity
from autograder.results import OUR_FAULT, CheckResult, Verdict
from autograder.sandbox.remote import Package
from autograder.sandbox.remote_worker import RemoteWorker
from autograder.sandbox.session import Session
from course.accuracy import Accuracy
from course.config import Course, Week


@dataclass
class Run:
    """One run of a week's checks: what they need, and what came of it."""

    course: Course
    week: Week
    session: Session
    cache: Cache
    secret: str  # what is drawn from it; empty in a rehearsal, which draws the same every time
    released: Released | None = None
    thresholds: dict[str, Accuracy] = field(default_factory=dict)  # by the name of the check
    modules: tuple[str, ...] = ()
    only: str = ""  # a module, a class or a check; empty: all
    public_only: bool = False  # a rehearsal: of public checks, on the numbers that were released
    accuracy: bool = True
    calibrating: bool = False
    first_failure: bool = False
    notebook: Notebook | None = None
    on_check: Callable[[CheckResult], None] = lambda _: None
    released_points: dict[str, float] | None = None  # in a student's checkout, by check id
    points: dict[str, float] = field(default_factory=dict)  # also of checks that aren't run now
    results: dict[str, CheckResult] = field(default_factory=dict)
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)  # check id -> label -> what
    raised: dict[str, list[str]] = field(default_factory=dict)  # check id -> kinds of exception
    used: dict[str, Any] = field(default_factory=dict)  # expected arrays by place
    measured: dict[str, Threshold] = field(default_factory=dict)  # by check id

    @cached_property
    def oracles(self) -> Path:
        """Where the course's oracles are: every check asks."""
        return self.course.oracles

    @property
    def failed_once(self) -> bool:
        """Whether one failure is enough, and there is one."""
        ended = [result.verdict for result in self.results.values()]
        return self.first_failure and any(v not in {Verdict.PASSED, *OUR_FAULT} for v in ended)


class Tools(msgspec.Struct):
    """What the fixtures of one check share."""

    run: Run
    rng: np.random.Generator
    oracle: Oracle
    parity: Parity
    result: CheckResult
    threshold: Threshold

    @property
    def student(self) -> Package:
        """The submission's modules of the week."""
        return Package(self.run.session, f"week_{self.run.week.number}")

    @property
    def worker(self) -> RemoteWorker:
        return RemoteWorker(self.run.session)
