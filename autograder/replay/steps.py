"""Calls of a submission as they were made, and which of them went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograder.results import CheckResult, Verdict
from autograder.sandbox import protocol as wire
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


class Asked:
    """What was asked of an object, as Python writes it: `asked("forward")` is [x].

    Attributes:
        made, options: the arguments that it was made with.
    """

    def __init__(self, steps: list[Step]) -> None:
        self.made: list[Any] = []
        self.options: dict[str, Any] = {}
        self.calls: dict[str, list[Any]] = {}
        for step in steps:
            request = step.request
            args = [plain(arg, step.arrays) for arg in request.args]
            if request.op == "make" and not (self.made or self.options):
                self.made = args
                self.options = {k: plain(v, step.arrays) for k, v in request.kwargs.items()}
            elif request.op == "call" and request.attributes:
                self.calls.setdefault(request.attributes[-1], args)

    def __call__(self, method: str) -> list[Any]:
        """The arguments of the first call of a method; none if it wasn't called."""
        return self.calls.get(method, [])


def plain(value: wire.Value, arrays: list[Array]) -> Any:
    """An argument as it was before it was sent; None for an object in the worker."""
    if isinstance(value, wire.ArrayRef):
        return arrays[value.v]
    if isinstance(value, (wire.List, wire.Tuple)):
        items = [plain(item, arrays) for item in value.v]
        return items if isinstance(value, wire.List) else tuple(items)
    if isinstance(value, wire.Dict):
        return {plain(k, arrays): plain(v, arrays) for k, v in value.v}
    if isinstance(value, wire.Float):
        return float.fromhex(value.v)
    return None if isinstance(value, (wire.Null, wire.Handle, wire.Failed)) else value.v
