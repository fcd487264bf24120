"""The pytest plugin that runs a week's checks against one submission.

pytest, the checks and everything here are trusted. A check sees the submission through remote
objects only; how it ends is turned into a verdict by the exception that ended it.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import secret as secrets
from autograder.checking.fixtures import Fixtures
from autograder.checking.threshold import Threshold
from autograder.checking.tools import Run, Tools
from autograder.checking.verdicts import Skip, verdict_of
from autograder.loading import line_of, what
from autograder.oracle.expected import NoOracle, Oracle
from autograder.parity.compare import Parity
from autograder.results import CheckResult, Verdict
from autograder.sandbox.protocol import ProtocolError
from autograder.sandbox.session import StudentError
from course.markers import hidden_lines

WITHOUT_POINTS = 0.0


class GraderPlugin(Fixtures):
    """Fixtures for the checks, and verdicts from how they end."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.hidden: dict[Path, set[int]] = {}
        self.problems: list[str] = []  # check files that can't be loaded

    # ---- collection -------------------------------------------------------------------------

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "points(n, needs=None): worth, and the check it needs")
        config.addinivalue_line("markers", "accuracy: trains a model")

    def pytest_exception_interact(
        self, node: pytest.Item | pytest.Collector, call: pytest.CallInfo[Any]
    ) -> None:
        """A check file that can't be loaded."""
        if isinstance(node, pytest.Collector) and call.excinfo is not None:
            error = call.excinfo.value
            cause = error.__cause__ or error  # pytest wraps what an import raises
            self.problems.append(f"{self.place(node.path, cause)}: can't be loaded: {what(cause)}")

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Function]
    ) -> None:
        chosen = [item for item in items if self.wanted(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        order = {module: index for index, module in enumerate(self.run.week.modules)}
        # Public checks first: whatever a submission remembers of hidden inputs, it can't show in
        # the output of a public check.
        items[:] = sorted(
            chosen, key=lambda item: (self.is_hidden(item), order.get(module_of(item), len(order)))
        )
        for item in items:
            self.run.results[check_id(item)] = self.describe(item)

    def wanted(self, item: pytest.Function) -> bool:
        run = self.run
        if run.public_only and self.is_hidden(item):
            return False
        return run.accuracy or not item.get_closest_marker("accuracy")

    def is_hidden(self, item: pytest.Function) -> bool:
        if item.path not in self.hidden:
            text = item.path.read_text(encoding="utf-8")
            self.hidden[item.path] = set(hidden_lines(text, item.path.name))
        return item.function.__code__.co_firstlineno in self.hidden[item.path]

    def describe(self, item: pytest.Function) -> CheckResult:
        title = (item.function.__doc__ or item.name).strip().splitlines()[0].rstrip(".")
        if item.name != item.originalname:
            title += f" ({item.callspec.id})"
        return CheckResult(
            id=check_id(item),
            title=title,
            module=module_of(item),
            max_points=points_of(item),
            hidden=self.is_hidden(item),
        )

    # ---- running ----------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Function) -> Generator[None, object, object]:
        run, name = self.run, check_id(item)
        result = run.results[name]
        hidden_seed = run.secret if result.hidden or run.calibrating else ""
        released = None if result.hidden else run.released
        oracle = Oracle(name, run.course.oracles, run.cache, released)
        rng = np.random.default_rng(secrets.seed(hidden_seed, f"{run.week.number}/{name}"))
        parity = Parity()
        threshold = Threshold(run.thresholds.get(item.name), parity, run.calibrating)
        self.tools = Tools(run, rng, oracle, parity, result, threshold)
        run.session.begin_check(trains=item.get_closest_marker("accuracy") is not None)
        started = time.monotonic()
        try:
            return (yield)
        finally:
            result.duration = round(time.monotonic() - started, 4)
            result.comparisons = self.tools.parity.comparisons
            result.output = "".join(run.session.printed)[:8192]
            run.used |= {} if result.hidden else oracle.used
            run.on_check(result)

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Run the check and note how it ended; nothing it raises leaves this function."""
        assert self.tools is not None
        result, parity = self.tools.result, self.tools.parity
        try:
            yield
            parity.conclude()
            result.verdict = Verdict.PASSED
        except Skip as skip:
            result.verdict, result.message = skip.verdict, str(skip)
            result.waits_for = skip.waits_for
        except Exception as error:
            result.verdict, result.message = verdict_of(error)
            if isinstance(error, StudentError):
                result.traceback = error.frames
                parity.evidence["exception"] = str(error)
            if isinstance(error, ProtocolError):
                self.run.session.collect_output()
            if isinstance(error, NoOracle):
                first = pyfuncitem.function.__code__.co_firstlineno
                self.problems.append(f"{self.place(pyfuncitem.path, error, first)}: {error}")
        self.run.evidence[result.id] = parity.evidence
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Function, call: Any) -> None:
        """A fixture that failed is the grader's fault."""
        if call.excinfo is not None and call.when != "call":
            result = self.run.results[check_id(item)]
            result.verdict = Verdict.GRADER_ERROR
            error = call.excinfo.value
            unknown = isinstance(error, pytest.FixtureLookupError)
            reason = f"there is no fixture {error.argname}" if unknown else what(error)
            result.message = f"{call.when} failed: {reason}"[:2000]

    def place(self, file: Path, error: BaseException, line: int = 1) -> str:
        """File and line of a check file where an error was raised; without one, this `line`."""
        return f"{self.run.course.relative(file)}:{line_of(file, error) or line}"

    def skip_reason(self, item: pytest.Function) -> Skip | None:
        """Why a check isn't run: the one that it needs did not pass, or time has run out."""
        for needed in needs_of(item):
            for result in self.run.results.values():
                if result.id.partition("::")[2] != needed or result.verdict is Verdict.PASSED:
                    continue
                if result.verdict is Verdict.NOT_ATTEMPTED:
                    reason = f"waits for {needed}: not written yet"
                    return Skip(Verdict.NOT_ATTEMPTED, reason, result.id)
                if result.verdict in (Verdict.GRADER_ERROR, Verdict.NOT_RUN):
                    return Skip(Verdict.NOT_RUN, f"{needed} could not be graded", result.id)
                reason = f"not run, because {needed} did not pass"
                return Skip(Verdict.SKIPPED, reason, result.id)
        if self.run.session.exhausted:
            return Skip(Verdict.TIMEOUT, "the submission's time was used up before this check")
        return None

    # ---- fixtures ---------------------------------------------------------------------------

    @pytest.fixture(autouse=True)
    def _ready(self, request: pytest.FixtureRequest) -> None:
        """Replace the body of a check that isn't to be run."""
        item = request.node
        if reason := self.skip_reason(item):
            item.obj = reason.raise_it


def check_id(item: pytest.Item) -> str:
    """ "test_linear.py::test_linear_forward", the same on every machine."""
    return f"{item.path.name}::{item.name}"


def module_of(item: pytest.Item) -> str:
    """ "linear" for the checks in test_linear.py."""
    return item.path.stem.removeprefix("test_")


def points_of(item: pytest.Item) -> float:
    marker = item.get_closest_marker("points")
    return float(marker.args[0]) if marker and marker.args else WITHOUT_POINTS


def needs_of(item: pytest.Item) -> list[str]:
    """The names of the checks that must have passed before this one."""
    marker = item.get_closest_marker("points")
    needs = marker.kwargs.get("needs") if marker else None
    return [needs] if isinstance(needs, str) else list(needs or ())
