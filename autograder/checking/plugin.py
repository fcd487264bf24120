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
from autograder.checking import marks, points
from autograder.checking.fixtures import Fixtures
from autograder.checking.marks import Mark, check_id
from autograder.checking.threshold import Threshold
from autograder.checking.tools import Run, Tools
from autograder.checking.verdicts import Skip, verdict_of
from autograder.loading import line_of, what
from autograder.oracle.expected import NoOracle, Oracle
from autograder.parity.compare import Parity
from autograder.results import OUR_FAULT, CheckResult, Verdict
from autograder.sandbox.protocol import ProtocolError
from autograder.sandbox.session import StudentError
from course.errors import CourseError


class GraderPlugin(Fixtures):
    """Fixtures for the checks, and verdicts from how they end."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.marks: dict[str, Mark] = {}  # of all checks of the week, by check id
        self.problems: list[str] = []  # check files that can't be loaded, marks that are wrong

    # ---- collection -------------------------------------------------------------------------

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line(
            "markers", "check(weight=1, needs=()): its share of the points, and what it waits for"
        )
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
        try:
            self.marks = marks.read(items, self.run.course)
            self.problems += marks.faults(self.marks)
        except CourseError as error:
            self.problems += error.problems
        self.run.hidden = {name for name, mark in self.marks.items() if mark.hidden}
        self.run.points = {} if self.problems else self.points()
        chosen = [item for item in items if not self.problems and self.wanted(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        order = {module: index for index, module in enumerate(self.run.week.modules)}

        def place(item: pytest.Function) -> tuple[bool, int]:
            mark = self.mark(item)
            return mark.hidden, order.get(mark.module, len(order))

        # Public checks first: whatever a submission remembers of hidden inputs, it can't show in
        # the output of a public check.
        items[:] = sorted(chosen, key=place)
        for item in items:
            self.run.results[check_id(item)] = self.describe(item)

    def mark(self, item: pytest.Function) -> Mark:
        return self.marks[check_id(item)]

    def points(self) -> dict[str, float]:
        """What every check is worth that may be run here, by its id."""
        released = self.run.released_points
        if released is not None:
            return {name: released.get(name, 0.0) for name in self.marks}
        worth = points.of_week(self.marks, self.run.course.standards)
        shown = [n for n, mark in self.marks.items() if not (self.run.public_only and mark.hidden)]
        return {name: worth[name] for name in shown}

    def wanted(self, item: pytest.Function) -> bool:
        """Whether a check is to be run: all of the week are collected, to share its points."""
        run, mark = self.run, self.mark(item)
        if mark.module not in run.modules if run.modules else mark.of_notebook:
            return False
        if run.public_only and mark.hidden:
            return False
        return run.accuracy or not item.get_closest_marker("accuracy")

    def describe(self, item: pytest.Function) -> CheckResult:
        title = (item.function.__doc__ or item.name).strip().splitlines()[0].rstrip(".")
        if item.name != item.originalname:
            title += f" ({item.callspec.id})"
        return CheckResult(
            id=check_id(item),
            title=title,
            module=self.mark(item).module,
            max_points=self.run.points[check_id(item)],
            hidden=self.mark(item).hidden,
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
        parity = Parity(pictures=result.pictures)
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
            if run.first_failure and result.verdict not in {Verdict.PASSED, *OUR_FAULT}:
                item.session.shouldfail = "one is enough"

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
                line = self.mark(pyfuncitem).line
                self.problems.append(f"{self.place(pyfuncitem.path, error, line)}: {error}")
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
        for needed in self.mark(item).needs:
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
