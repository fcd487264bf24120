"""A recorded check as a Python program: the same calls, on the same inputs, in one process."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.replay.steps import Recording, Step
from autograder.sandbox import protocol as wire
from autograder.sandbox.protocol import Array, Ok, Raised, Value

HEADER = '''\
"""{title}. Written by `make debug`; it is written anew each time."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, {root!r})
inputs = np.load(Path(__file__).with_name("inputs.npz"))
'''
STOP = """
if "debugpy" in sys.modules:
    breakpoint()  # VS Code stops here: F11 steps into your code"""
LAYOUTS = {
    "C": "inputs[{0!r}]",
    "F": "np.asfortranarray(inputs[{0!r}])",
    "strided": "np.repeat(inputs[{0!r}], 2, axis=-1)[..., ::2]",
}
RESULTS = {"forward": "output", "backward": "grad"}


@dataclass
class Script:
    """The program, the arrays that it loads, and the line of the call that goes wrong."""

    recording: Recording
    root: str
    lines: list[str] = field(default_factory=list)
    arrays: dict[str, Array] = field(default_factory=dict)
    stops_at: int = 0
    handles: dict[int, str] = field(default_factory=dict)  # what stays in the worker: an expression
    names: set[str] = field(default_factory=lambda: {"np", "sys", "inputs", "expected"})

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    def write(self) -> None:
        """Write all steps up to the one that goes wrong, and what to compare it with."""
        title = wire.one_line(self.recording.result.title, 200).replace("\\", "").replace('"', "'")
        self.add(HEADER.format(title=title, root=self.root))
        wrong = self.recording.wrong
        for module in dict.fromkeys(self.modules(wrong)):
            self.add(f"import {module}")
        for label in self.expected():
            self.add(f"expected = inputs['expected']  # {label}")
        self.add("")
        for place, step in enumerate(self.recording.steps[: wrong + 1]):
            self.step(step, place == wrong)
        self.reads_after(wrong)

    def add(self, text: str) -> None:
        self.lines += text.split("\n")

    def modules(self, wrong: int) -> Iterator[str]:
        for step in self.recording.steps[: wrong + 1]:
            if isinstance(step.request.target, str) and step.request.target:
                yield step.request.target

    def expected(self) -> Iterator[str]:
        """The label of the first wrong array, if there is an expected one."""
        failing = [one.label for one in self.recording.result.comparisons if not one.passed]
        if failing and failing[0] in self.recording.expected:
            self.arrays["expected"] = self.recording.expected[failing[0]]
            yield wire.one_line(failing[0], 100)

    def step(self, step: Step, last: bool) -> None:
        """A line for a request; arrays that it takes get lines before it."""
        request = step.request
        if request.op == "get" and not (request.attributes or isinstance(request.target, int)):
            return  # an import
        call = self.expression(step, list(zip(request.arrays, step.arrays, strict=True)))
        if request.op == "set":
            self.add(call)
            self.stops_at = len(self.lines)
            return
        name = self.result_name(step)
        if last:
            self.add(STOP)
            self.stops_at = len(self.lines) + 1
        if isinstance(step.reply, Raised) and not last:
            self.add(f"try:\n    {call}\nexcept Exception as error:\n    print('refused:', error)")
            return
        nothing = isinstance(step.reply, Ok) and isinstance(step.reply.value, wire.Null)
        self.add(call if nothing and not last else f"{name} = {call}")
        if isinstance(step.reply, Ok):
            self.remember(step.reply.value, name)
        if last:
            self.add(f"print('got', {name})")
            if "expected" in self.arrays:
                self.add("print('expected', expected)")

    def expression(self, step: Step, arrays: list[tuple[wire.ArraySpec, Array]]) -> str:
        request = step.request
        if request.op == "keep":
            return f"{self.value(request.args[0], arrays, 'kept_input')}.copy()"
        target = self.target(step)
        if request.op == "get":
            return target
        words = request.attributes or [""]
        name = "grad_out" if words[-1] == "backward" else "x"
        args = [self.value(arg, arrays, name) for arg in request.args]
        if request.op == "set":
            return f"{target}.{request.name} = {args[0]}"
        args += [f"{k}={self.value(v, arrays, k)}" for k, v in request.kwargs.items()]
        return f"{target}({', '.join(args)})"

    def target(self, step: Step) -> str:
        request = step.request
        named = isinstance(request.target, str)
        found = str(request.target) if named else self.handles[int(request.target)]
        for name in request.attributes:
            if name.isdigit():
                found += f"[{name}]"
            else:  # nothing but a name may stand in the program as it is
                found = f"{found}.{name}" if name.isidentifier() else f"getattr({found}, {name!r})"
        return found

    def value(self, value: Value, arrays: list[tuple[wire.ArraySpec, Array]], name: str) -> str:
        """An argument as Python writes it; an array gets a name of its own."""
        if isinstance(value, (wire.Null, wire.Failed)):  # of which no argument is one
            return "None"
        if isinstance(value, wire.Float):
            number = float.fromhex(value.v)
            return repr(number) if number - number == 0 else f"float({str(number)!r})"
        if isinstance(value, wire.Handle):
            return self.handles[value.v]
        if isinstance(value, wire.ArrayRef):
            return self.array(*arrays[value.v], name)
        if isinstance(value, wire.Dict):
            pairs = [
                (k, self.value(v, arrays, k.v if isinstance(k, wire.Str) else name))
                for k, v in value.v
            ]
            return "{" + ", ".join(f"{self.value(k, arrays, name)}: {v}" for k, v in pairs) + "}"
        if isinstance(value, (wire.List, wire.Tuple)):
            items = [self.value(item, arrays, name) for item in value.v]
            if isinstance(value, wire.List):
                return f"[{', '.join(items)}]"
            return f"({', '.join(items)}{',' * (len(items) == 1)})"
        return repr(value.v)

    def array(self, spec: wire.ArraySpec, array: Array, name: str) -> str:
        """The name of an array, behind a line that loads it."""
        own = self.new(name)
        self.arrays[own] = array
        self.add(f"{own} = {LAYOUTS[spec.layout].format(own)}")
        return own

    def result_name(self, step: Step) -> str:
        request = step.request
        words = request.attributes or [str(request.op)]
        if request.op == "make":
            return self.new(words[-1].lower())
        if request.op == "get":
            return self.new("_".join(word for word in words if not word.isdigit()) or "value")
        return self.new("kept" if request.op == "keep" else RESULTS.get(words[-1], words[-1]))

    def new(self, word: str) -> str:
        """A name that isn't taken: x, x_2, x_3."""
        word = word if word.isidentifier() and not keyword.iskeyword(word) else "value"
        number, name = 1, word
        while name in self.names:
            number += 1
            name = f"{word}_{number}"
        self.names.add(name)
        return name

    def remember(self, value: Any, expression: str) -> None:
        """Where later steps find what stayed in the worker."""
        if isinstance(value, wire.Handle):
            self.handles[value.v] = expression
        elif isinstance(value, (wire.List, wire.Tuple)):
            for index, item in enumerate(value.v):
                self.remember(item, f"{expression}[{index}]")
        elif isinstance(value, wire.Dict):
            for key, item in value.v:
                if isinstance(key, (wire.Str, wire.Int)):
                    self.remember(item, f"{expression}[{key.v!r}]")

    def reads_after(self, wrong: int) -> None:
        """What the check looked at after that call: the gradient of a parameter, say."""
        for step in self.recording.steps[wrong + 1 :]:
            if step.request.op != "get" or not isinstance(step.reply, Ok):
                return
            if isinstance(step.request.target, int):
                expression = self.target(step)
                self.add(f"print({expression!r}, {expression})")
