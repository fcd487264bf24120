"""What the checks are handed: the submission, random inputs, the oracle, and parity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autograder.accuracy import Training, given_data
from autograder.contract import Contract
from autograder.oracle import Cache, Oracle, Recorded
from autograder.parity import Parity
from autograder.protocol import Array
from autograder.remote import Package
from autograder.results import CheckResult
from autograder.session import Session
from course.config import Course, Week

if TYPE_CHECKING:
    from autograder.exercise import Notebook


@dataclass
class Run:
    """One run of a week's checks: what they need, and what came of it."""

    course: Course
    week: Week
    session: Session
    cache: Cache
    secret: str
    recorded: Recorded | None = None
    public_only: bool = False
    accuracy: bool = True
    calibrating: bool = False
    notebook: Notebook | None = None
    on_check: Callable[[CheckResult], None] = lambda _: None
    results: dict[str, CheckResult] = field(default_factory=dict)
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)  # check id -> label -> what
    used: dict[str, Any] = field(default_factory=dict)  # expected arrays by recording key
    trainings: dict[str, Training] = field(default_factory=dict)  # by check id


@dataclass
class Tools:
    """What the fixtures of one check share."""

    rng: np.random.Generator
    oracle: Oracle
    parity: Parity
    result: CheckResult


class Fixtures:
    """The fixtures of a run; `tools` are those of the check that is running."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.tools: Tools | None = None

    @pytest.fixture
    def student(self) -> Package:
        """The submission: `student.linear.Linear`."""
        return Package(self.run.session, f"week_{self.run.week.number}")

    @pytest.fixture
    def given(self) -> Package:
        """The complete code that students get, in the worker: `given.module.Sequential`."""
        return Package(self.run.session, "given")

    @pytest.fixture
    def weeks(self) -> Callable[[int], Package]:
        """The reference of an earlier week, in the worker: `weeks(3).optim.Adam`."""
        return lambda number: Package(self.run.session, f"week_{number}")

    @pytest.fixture
    def session(self) -> Session:
        """The worker itself, for arrays that are to stay there and for generators."""
        return self.run.session

    @pytest.fixture
    def rng(self) -> np.random.Generator:
        """Random inputs: from the course secret for hidden checks, fixed for public ones."""
        return self.the_tools.rng

    @pytest.fixture
    def oracle(self) -> Oracle:
        """Expected arrays by torch: `oracle.module("Linear", ...)`."""
        return self.the_tools.oracle

    @pytest.fixture
    def parity(self) -> Parity:
        """Compares with the expected array: `parity("grad of x", got, expected)`."""
        return self.the_tools.parity

    @pytest.fixture
    def contract(self, student: Package) -> Contract:
        """What every layer promises, each in one call."""
        tools = self.the_tools
        return Contract(student, self.run.session, tools.rng, tools.oracle, tools.parity)

    @pytest.fixture
    def training(self, request: pytest.FixtureRequest) -> Training:
        """Data, models trained in the worker, and accuracy counted here."""
        run, tools = self.run, self.the_tools
        entry = run.course.accuracy.get(run.week.number, {}).get(request.node.name)
        training = Training(
            run.course, run.session, tools.rng, tools.result, entry, tools.parity, run.calibrating
        )
        run.trainings[tools.result.id] = training
        return training

    @pytest.fixture
    def notebook(self) -> Notebook:
        """The exercise notebook, after it has run: `notebook.read("losses")`."""
        assert self.run.notebook is not None
        return self.run.notebook

    @pytest.fixture
    def data(self) -> ModuleType:
        """The course's own `given.data`, in this process."""
        return given_data(self.run.course.source)

    @pytest.fixture
    def digits(self) -> tuple[Array, Array]:
        """All images and labels in their stored order, as a notebook reads them."""
        images, labels = given_data(self.run.course.source).digits()
        return images, labels

    @pytest.fixture
    def figures(self, notebook: Notebook) -> None:
        """Shows what the notebook drew in the report of this check."""
        self.the_tools.result.pictures += notebook.figures

    @property
    def the_tools(self) -> Tools:
        assert self.tools is not None
        return self.tools
