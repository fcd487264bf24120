"""What checks are handed: the submission, random inputs, the oracle, parity, a threshold.

A course adds its own in `fixtures.py` beside its weeks, and may take in those of
`autograder.layers` there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autograder.checking.threshold import Threshold
from autograder.checking.tools import Run, Tools
from autograder.notebook.running import Notebook
from autograder.oracle.expected import Oracle
from autograder.parity.compare import Parity
from autograder.sandbox.remote import Package
from autograder.sandbox.remote_worker import RemoteWorker


class Fixtures:
    """The fixtures of a `run`; `tools` are those of the check that is running."""

    run: Run

    def __init__(self) -> None:
        self.tools: Tools | None = None

    @pytest.fixture
    def tools_of_check(self) -> Tools:
        """All that a check shares, for fixtures that build on it."""
        return self.the_tools

    @pytest.fixture
    def student(self) -> Package:
        """The submission: `student.linear.Linear`."""
        return self.the_tools.student

    @pytest.fixture
    def given(self) -> Package:
        """The complete code that students get, in the worker: `given.module.Sequential`."""
        return self.ours("given")

    @pytest.fixture
    def weeks(self) -> Callable[[int], Package]:
        """The reference of an earlier week, in the worker: `weeks(3).optim.Adam`."""
        return lambda number: self.ours(f"week_{number}")

    @pytest.fixture
    def worker(self) -> RemoteWorker:
        """The worker itself: arrays that are to stay there, generators, NumPy's own functions."""
        return self.the_tools.worker

    @pytest.fixture
    def rng(self) -> np.random.Generator:
        """Random inputs: from the course secret; those of a rehearsal are always the same."""
        return self.the_tools.rng

    @pytest.fixture
    def oracle(self) -> Oracle:
        """Expected arrays by the course's oracles: `oracle.layer("Linear", ...)`."""
        return self.the_tools.oracle

    @pytest.fixture
    def parity(self) -> Parity:
        """Compares with the expected array: `parity("grad of x", got, expected)`."""
        return self.the_tools.parity

    @pytest.fixture
    def threshold(self) -> Threshold:
        """Compares with what the reference reaches: `threshold.reaches("accuracy", 0.97)`."""
        tools = self.the_tools
        self.run.measured[tools.result.id] = tools.threshold
        return tools.threshold

    @pytest.fixture
    def notebook(self) -> Notebook:
        """The exercise notebook, after it has run: `notebook.read("losses")`."""
        assert self.run.notebook is not None
        return self.run.notebook

    @pytest.fixture
    def figures(self, notebook: Notebook) -> None:
        """Shows what the notebook drew in the report of this check."""
        self.the_tools.result.pictures += notebook.figures

    def ours(self, name: str) -> Package:
        """A package of the course itself, in the worker.

        Raises:
            FileNotFoundError: the course has none of this name, so no submission is to blame.
        """
        if not (self.run.course.source / name).is_dir():
            raise FileNotFoundError(f"the course has no folder {name}")
        return Package(self.run.session, name)

    @property
    def the_tools(self) -> Tools:
        assert self.tools is not None
        return self.tools
