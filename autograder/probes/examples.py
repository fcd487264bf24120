"""The smallest case that goes wrong, with lines to paste that make it go wrong again."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from msgspec.structs import replace

from autograder.parity.compare import ACCEPTED, shorten
from autograder.probes.observing import EXCEPTION, Observation
from autograder.probes.scopes import scope
from autograder.replay.script import Script
from autograder.replay.steps import Recording, Step
from autograder.results import CheckResult, Comparison, Example
from autograder.sandbox import protocol as wire
from autograder.sandbox.protocol import Array, Ok

LARGEST = 64  # numbers that a reader still looks at
GIVEN = 512  # numbers that are given: what is made of other layers has no fewer parameters
LARGE = 1000  # a number that looks as if precision were at stake
IN_MEMORY = {
    "C": "{}",
    "F": "np.asfortranarray({})",
    "strided": "np.repeat({}, 2, axis=-1)[..., ::2]",
}
UNREADABLE = ("SyntaxError in import", "IndentationError in import", "TabError in import")
DISTINCT = 0.02  # of the largest expected entry: what differs by less shows nothing


def example(seen: Collection[Observation], label: str) -> Example | None:
    """The case that is read most easily in which this goes wrong for all to see."""
    wrong = [one for one in seen if label in one.wrong]
    shown = [one for one in wrong if visible(one, label)]
    found = min(shown, key=partial(effort, label=label), default=None)
    if found is None or str(found.wrong[label]).startswith(UNREADABLE):
        return None  # a file that Python can't read has no small case
    return replace(told(found, label), scope=scope(seen, label))


def numbers(seen: Observation, label: str) -> int:
    """How many numbers its calls are given, up to what is compared under this label."""
    return sum(array.size for step in recording(seen, label).steps for array in step.arrays)


def effort(seen: Observation, label: str) -> tuple[bool, int]:
    """What a case asks of its reader: numbers that are large, then how many, and calls."""
    steps = recording(seen, label).steps
    large = any(np.abs(array).max(initial=0) >= LARGE for step in steps for array in step.arrays)
    return large, numbers(seen, label) + len(steps)


def visible(seen: Observation, label: str) -> bool:
    """Whether the difference can be seen in a few digits."""
    if numbers(seen, label) > GIVEN:
        return False
    comparison = comparison_of(seen, label)
    if comparison.problem != "values" or comparison.max_error is None or label not in seen.expected:
        return True
    scale = float(np.abs(seen.expected[label]).max(initial=0.0))
    return comparison.max_error >= DISTINCT * scale


def comparison_of(seen: Observation, label: str) -> Comparison:
    return seen.comparisons[place_of(seen, label)]


def place_of(seen: Observation, label: str) -> int:
    """Which comparison is meant: of several under a label, the last that did not hold."""
    found = [n for n, one in enumerate(seen.comparisons) if one.label == label and not one.passed]
    return found[-1]


def told(seen: Observation, label: str) -> Example:
    comparison = comparison_of(seen, label)
    if label == EXCEPTION:
        got, expected = str(seen.wrong[label]), seen.wanted
    elif comparison.problem == "accepted":
        got, expected = "no error", comparison.message.partition(ACCEPTED)[2]
    elif label in seen.expected:
        got, expected = written(seen.wrong[label]), written(seen.expected[label])
    elif label in seen.plain:
        got, expected = map(shorten, seen.plain[label])
    else:
        got, expected = comparison.message.removeprefix("got "), ""
    pasted = Pasted(recording(seen, label), "")
    pasted.write()
    return Example(seen.probe.title, label, got, expected, pasted.text)


def recording(seen: Observation, label: str) -> Recording:
    """The calls up to what is compared under this label."""
    place = place_of(seen, label)
    steps = [step for step in seen.steps if step.compared <= place]
    result = CheckResult(seen.probe.title, seen.probe.title, "", 0, False)
    return Recording(result, steps)


@dataclass
class Pasted(Script):
    """The program without files: every number stands in it."""

    def write(self) -> None:
        steps = [step for step in self.recording.steps if not is_import(step)]
        for module in dict.fromkeys(self.modules(len(self.recording.steps) - 1)):
            self.add(f"import {module}")
        for step in steps[:-1]:
            if step.request.op != "get":
                self.step(step, last=False)
            elif isinstance(step.reply, Ok):  # only looked at, but a part may be used later
                self.remember(step.reply.value, self.target(step))
        if not steps:
            return
        call = self.expression(
            steps[-1], [*zip(steps[-1].request.arrays, steps[-1].arrays, strict=True)]
        )
        self.add(call if steps[-1].request.op == "set" else f"print({call})")

    def modules(self, wrong: int) -> Iterator[str]:
        yield "numpy as np"
        yield from super().modules(wrong)

    def array(self, spec: wire.ArraySpec, array: Array, _name: str) -> str:
        if not array.size:  # an empty list has lost its shape and its dtype
            return f"np.zeros({array.shape}, np.{array.dtype})"
        width = "" if array.dtype.name in {"float64", "int64", "bool"} else f", np.{array.dtype}"
        return IN_MEMORY[spec.layout].format(f"np.array({literal(array)}{width})")


def is_import(step: Step) -> bool:
    return step.request.op == "get" and isinstance(step.request.target, str)


def written(array: Array) -> str:
    """An array as a reader sees it: numbers with 5 digits; its shape where it is large or empty."""
    if array.dtype.kind in "US":
        return wire.one_line(str(array), 200)
    if array.size > LARGEST:
        return f"an array of shape {array.shape}"
    return literal(array, ".5g") if array.size else f"an empty array of shape {array.shape}"


def literal(array: Array, digits: str = "r") -> str:
    """The array as nested lists. Whole numbers are short: "2."."""
    if array.ndim:
        return "[" + ", ".join(literal(part, digits) for part in array) + "]"
    value = array.item()
    if not isinstance(value, float):
        return repr(value)
    if not math.isfinite(value):
        return f"float('{value}')"
    if value == int(value) and abs(value) < 1e5:
        return f"{int(value)}."
    return repr(value) if digits == "r" else format(value, digits)
