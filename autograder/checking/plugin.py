"""The pytest plugin that runs a week's checks against one submission after the other.

pytest, the checks and everything here are trusted. A check sees the submission through remote
objects only; how it ends is turned into a verdict by the exception that ended it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from autograder import secret as secrets
from autograder.checking import points
from autograder.checking.choosing import chosen
from autograder.checking.fixtures import Fixtures
from autograder.checking.marks import Mark, check_id, title_of
from autograder.checking.threshold import Threshold
from autograder.checking.tools import Run, Tools
from autograder.checking.verdicts import Skip, earlier_week, verdict_of
from autograder.loading import line_of, what
from autograder.oracle.expected import NoOracle, Oracle
from autograder.parity.compare import Parity
from autograder.results import CheckResult, Verdict
from autograder.sandbox.process import WorkerTimeout
from autograder.sandbox.protocol import ProtocolError
from autograder.sandbox.session import StudentError

OUTCOMES = (pytest.fail.Exception, pytest.skip.Exception)  # no kinds of Exception


class GraderPlugin(Fixtures):
    """Fixtures for the checks, and verdicts from how they end."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: Mapping[str, Mark] = {}  # of all checks of the week, by check id
        self.named: dict[str, list[CheckResult]] = {}  # the run's, by the name of the check
        self.problems: list[str] = []  # oracles that there are none of

    def begin(self, run: Run, items: Iterable[pytest.Function]) -> list[pytest.Function]:
        """Get ready for a submission; those of the week's checks that it is to run, in order."""
        self.run, self.tools, self.problems = run, None, []
        run.points = self.points()
        order = {module: index for index, module in enumerate(run.week.modules)}

        def place(item: pytest.Function) -> tuple[bool, int]:
            mark = self.mark(item)
            return mark.hidden, order.get(mark.module, len(order))

        # Public checks first: whatever a submission remembers of hidden inputs, it can't show in
        # the output of a public check.
        wanted = sorted((item for item in items if self.wanted(item)), key=place)
        described = {check_id(item): self.describe(item) for item in wanted}
        asked = chosen(run.only, run.week, [*described.values()]) if run.only else described.keys()
        run.results |= {name: result for name, result in described.items() if name in asked}
        self.named = {}
        for result in run.results.values():
            self.named.setdefault(result.id.partition("::")[2], []).append(result)
        return [item for item in wanted if check_id(item) in asked]

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
        return CheckResult(
            id=check_id(item),
            title=title_of(item),
            module=self.mark(item).module,
            max_points=self.run.points[check_id(item)],
            hidden=self.mark(item).hidden,
        )

    # ---- running ----------------------------------------------------------------------------

    def run_check(self, item: pytest.Function, following: pytest.Function | None) -> None:
        """Run a check; `following` is the next one, for which its file's fixtures stay.

        Training can have bad luck, which costs nobody a point: who nearly reached the threshold
        trains once more, from other numbers. In a rehearsal the numbers are those of the release.
        """
        run, result = self.run, self.run.results[check_id(item)]
        trains = item.get_closest_marker("accuracy") is not None
        self.attempt(item, None if trains else following, trains=trains)
        again = trains and not (run.public_only or run.calibrating)
        if again and result.verdict is Verdict.FAILED and self.the_tools.threshold.nearly:
            result.message, result.verdict = "", Verdict.NOT_RUN
            result.pictures.clear()
            self.attempt(item, following, trains=True, stream="again/")
        run.on_check(result)

    def attempt(
        self,
        item: pytest.Function,
        following: pytest.Function | None,
        trains: bool,
        stream: str = "",
    ) -> None:
        """Run a check once, on numbers from this stream."""
        run, name = self.run, check_id(item)
        result = run.results[name]
        released = run.released if run.public_only else None  # in grading nothing is what it was
        oracle = Oracle(name, run.oracles, run.cache, released)
        rng = np.random.default_rng(self.seed(result, stream))
        parity = Parity(pictures=result.pictures, given=run.session.given)
        threshold = Threshold(run.thresholds.get(item.name), parity, run.calibrating)
        self.tools = Tools(run, rng, oracle, parity, result, threshold)
        run.session.begin_check(trains=trains or self.mark(item).of_notebook)  # asked to train anew
        started, body = time.monotonic(), item.obj
        if reason := self.skip_reason(item):
            item.obj = reason.raise_it
        try:
            self.phases(item, following)
        finally:
            item.obj = body
            result.duration = round(result.duration + time.monotonic() - started, 4)
            result.comparisons = self.tools.parity.comparisons
            result.output = "".join(run.session.printed)[:8192]
            run.used |= oracle.used

    def phases(self, item: pytest.Function, following: pytest.Function | None) -> None:
        """Set up the fixtures, call the check, tear down.

        pytest's own protocol makes a report of each phase for a terminal that isn't there, which
        takes longer than most checks.
        """
        item._initrequest()  # it was run before, for another submission
        hook = item.config.hook  # there is no conftest.py with hooks for some folders alone
        try:
            if self.phase(item, "setup", partial(hook.pytest_runtest_setup, item=item)):
                self.phase(item, "call", item.runtest)
        finally:
            end = partial(hook.pytest_runtest_teardown, item=item, nextitem=following)
            self.phase(item, "teardown", end)

    def phase(self, item: pytest.Function, name: str, work: Callable[[], object]) -> bool:
        """Whether it came to its end. A fixture that failed is the grader's fault."""
        try:
            work()
        except (Exception, *OUTCOMES) as error:
            if name != "call":
                result = self.run.results[check_id(item)]
                result.verdict = Verdict.GRADER_ERROR
                result.message = f"{name} failed: {reason_of(error)}"[:2000]
            return False
        return True

    def seed(self, result: CheckResult, stream: str) -> int:
        """Of a check's random numbers: from the secret, or in a rehearsal always the same.

        Public checks have a stream of their own: what is shown of them is no hidden check's input.
        """
        run, check = self.run, f"{stream}{self.run.week.number}/{result.id}"
        shown = not (result.hidden or run.public_only or run.calibrating)
        return secrets.seed(run.secret, f"public/{check}" if shown else check)

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
            result.verdict, result.message = verdict_of(
                error, self.run.session.answered, result.title
            )
            if reason := self.earlier_week(error):
                result.verdict, result.message = Verdict.SKIPPED, reason
            if isinstance(error, (StudentError, WorkerTimeout)):
                result.traceback = error.frames
            if isinstance(error, StudentError):
                self.run.raised[result.id] = error.kinds
                parity.evidence["exception"] = f"{error.kinds[0]} in {self.run.session.asked}"
            if isinstance(error, ProtocolError):
                self.run.session.collect_output()
            if isinstance(error, NoOracle):
                line = self.mark(pyfuncitem).line
                self.problems.append(f"{self.place(pyfuncitem.path, error, line)}: {error}")
        self.run.evidence[result.id] = parity.evidence
        return True

    def earlier_week(self, error: Exception) -> str:
        """The earlier week that a check waits for: in a student's checkout, it may be unwritten."""
        course = self.run.course
        return "" if course.has_solutions else earlier_week(error, self.run.week.number)

    def place(self, file: Path, error: BaseException, line: int = 1) -> str:
        """File and line of a check file where an error was raised; without one, this `line`."""
        return f"{self.run.course.relative(file)}:{line_of(file, error) or line}"

    def skip_reason(self, item: pytest.Function) -> Skip | None:
        """Why a check isn't run: the one that it needs did not pass, or time has run out."""
        for needed in self.mark(item).needs:
            for result in self.named.get(needed, ()):
                if result.verdict is Verdict.PASSED:
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


def reason_of(error: BaseException) -> str:
    """Why a fixture could not be had."""
    if isinstance(error, pytest.FixtureLookupError):
        return f"there is no fixture {error.argname}"
    return what(error)
