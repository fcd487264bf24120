"""Calls of a submission as they were made, and which of them went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.results import CheckResult, Verdict
from autograder.sandbox.protocol import Array, Ok, Raised, Request


@dataclass(frozen=True)
class Step:
    """One request, its arrays, and the reply; `compared` arrays had been compared before."""

    request: Request
    arrays: list[Array]
    reply: Ok | Raised | None
    compared: int


@dataclass
class Recording:
    """A check with all that it asked."""

    result: CheckResult
    steps: list[Step] = field(default_factory=list)
    expected: dict[str, Array] = field(default_factory=dict)  # by the label of the comparison

    @property
    def wrong(self) -> int:
        """The place of the call that goes wrong: the last one before the first wrong array."""
        calls = [
            place for place, step in enumerate(self.steps) if step.request.op in ("call", "make")
        ]
        failing = [n for n, one in enumerate(self.result.comparisons) if not one.passed]
        if self.result.verdict is Verdict.FAILED and failing:
            before = [place for place in calls if self.steps[place].compared <= failing[0]]
            return (before or calls)[-1]
        if self.result.verdict is not Verdict.PASSED:
            return len(self.steps) - 1
        answered = [place for place in calls if isinstance(self.steps[place].reply, Ok)]
        return (answered or calls)[-1]
