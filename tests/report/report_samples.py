"""Sample records for the tests of the reports."""

from __future__ import annotations

import math
import struct
import typing
import zlib
from typing import Any

import msgspec

from autograder.results import (
    CheckResult,
    Comparison,
    Curves,
    Figure,
    Heatmap,
    Record,
    Todo,
    Verdict,
    finish,
)


def check(title: str = "Linear: output", **fields: Any) -> CheckResult:
    """A passed public check worth two points, but for what `fields` say."""
    name = title.lower().replace(": ", "_").replace(" ", "_")
    defaults: dict[str, Any] = {
        "id": f"test_linear.py::test_{name}",
        "module": "linear",
        "max_points": 2.0,
        "hidden": False,
        "verdict": Verdict.PASSED,
    }
    return CheckResult(title=title, **(defaults | fields))


def record(*checks: CheckResult, **fields: Any) -> Record:
    defaults: dict[str, Any] = {"week": 1, "title": "Basis", "student": "ada"}
    fields = {"id": fields.get("student", "ada")} | fields
    return finish(Record(checks=list(checks), **(defaults | fields)))


def wrong_values(**fields: Any) -> Comparison:
    defaults: dict[str, Any] = {
        "label": "grad of weight",
        "passed": False,
        "problem": "values",
        "message": "grad of weight: 12 of 20 values are wrong",
        "expected_shape": [5, 4],
        "got_shape": [5, 4],
        "expected_dtype": "float64",
        "got_dtype": "float64",
        "max_error": 1.25,
        "tolerance": 1e-10,
        "where": [0, 3],
        "expected_value": 0.5,
        "got_value": 1.75,
        "wrong": 12,
        "size": 20,
    }
    return Comparison(**(defaults | fields))


def filled(kind: Any, words: str, number: float) -> Any:
    """A value of type `kind` with `words` for every text in it and `number` for every number."""
    inside = typing.get_args(kind)
    data = words.encode(errors="replace")
    whole = int(number) if math.isfinite(number) else 7
    simple = {str: words, float: number, int: whole, bool: False, bytes: data}
    if kind in simple:
        return simple[kind]
    if typing.get_origin(kind) is list:
        return [filled(each, words, number) for each in typing.get_args(kind)]
    if typing.get_origin(kind) is dict:
        return {words: filled(inside[1], words, number)}
    if inside:  # of a union: the first, and all of the pictures
        return filled(inside[0], words, number)
    if issubclass(kind, Verdict):
        return Verdict.FAILED
    hints = typing.get_type_hints(kind)
    names = [field.name for field in msgspec.structs.fields(kind)]
    values = {name: filled(hints[name], words, number) for name in names}
    if kind is CheckResult:
        values["pictures"] = [filled(each, words, number) for each in (Heatmap, Curves, Figure)]
    return kind(**values)


def png(red: int = 200) -> bytes:
    """A PNG of 32 x 32 pixels of one colour."""
    rows = (b"\0" + bytes([red, 120, 60]) * 32) * 32
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0))]
    parts += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def half_done(student: str = "ada") -> Record:
    """A submission in which every verdict and every kind of detail occurs."""
    return record(
        *_activations(),
        *_linear(),
        *_losses(),
        student=student,
        commit="4f1d2c9a77b0",
        time="2026-03-02T10:15:00Z",
        duration=3.42,
        todos=[
            Todo("week_1/losses.py", 41, "BCELoss.forward", "the mean of the cross-entropies"),
            Todo("week_1/losses.py", 58, "BCELoss.backward", "the gradient with respect to input"),
        ],
        notes=["notes.txt isn't one of the week's files and was left out."],
        output="hello from week_1/linear.py\n",
    )


def _activations() -> list[CheckResult]:
    names = ["ReLU: output", "ReLU: gradient", "Sigmoid: output", "Tanh: output", "Softmax: output"]
    return [
        check(name, module="activations", id=f"test_activations.py::{i}", hidden=i % 2 == 1)
        for i, name in enumerate(names)
    ]


def _linear() -> list[CheckResult]:
    grid = [[abs(math.sin(r * 1.7 + c)) if r > 1 else 0.0 for c in range(8)] for r in range(6)]
    wrong = wrong_values(
        message="grad of weight: 12 of 20 values are wrong, most of all at [0, 3]: 1.75, "
        "expected 0.5",
        diagnosis="Every value is 5 times as large as expected.",
        heatmap=Heatmap("grad of weight: where it differs", grid),
    )
    shape = wrong_values(
        label="grad of x",
        problem="shape",
        message="grad of x: shape (4, 5), expected (5, 4)",
        got_shape=[4, 5],
        max_error=None,
        tolerance=None,
        where=None,
        expected_value=None,
        got_value=None,
        wrong=0,
        size=0,
    )
    return [
        check("Linear: output", comparisons=[wrong_values(label="y", passed=True, message="")]),
        check("Linear: float32", hidden=True),
        check(
            "Linear: gradients of weight and bias",
            verdict=Verdict.FAILED,
            comparisons=[wrong, shape, wrong_values(label="y", passed=True, message="")],
            hint="Your gradient is N times too large: the loss is a mean over the batch, "
            "so its gradient is too.",
            mistake="linear-not-averaged",
        ),
        check(
            "Linear: wrong shapes are refused",
            verdict=Verdict.ERROR,
            message="TypeError: unsupported operand type(s) for @: 'NoneType' and 'float'",
            traceback=[
                "week_1/linear.py:31 in forward: y = self._affine(x)",
                "week_1/linear.py:44 in _affine: return x @ self.weight.data.T",
            ],
            output="x is None\nshape (3, 4)\n",
        ),
        check(
            "Linear: a batch of one",
            hidden=True,
            verdict=Verdict.FAILED,
            message="The values differ.",
            comparisons=[wrong],
            hint="Sum over the batch axis and keep the other one.",
            mistake="linear-bias-axis",
        ),
        check("Linear: second call", verdict=Verdict.TIMEOUT, message="It took longer than 10 s."),
        check("Linear: initial values", verdict=Verdict.SKIPPED, message="Needs Linear: output."),
        check("Linear: non-contiguous input", verdict=Verdict.CRASHED, message="Exit code 3."),
    ]


def _losses() -> list[CheckResult]:
    epochs = range(20)
    curves = Curves(
        "Loss on the training digits",
        {
            "yours": [0.4 + 1.9 * math.exp(-i / 9) for i in epochs],
            "reference": [0.1 + 2.1 * math.exp(-i / 4) for i in epochs],
        },
    )
    return [
        check(
            "Accuracy on digits",
            module="losses",
            max_points=6,
            verdict=Verdict.FAILED,
            message="Accuracy 61.3 %; 88 % is needed.",
            pictures=[curves, Figure("Confusion matrix", png())],
        ),
        check("BCELoss: value", module="losses", verdict=Verdict.NOT_ATTEMPTED),
        check("BCELoss: gradient", module="losses", hidden=True, verdict=Verdict.NOT_ATTEMPTED),
        check("BCELoss: stability", module="losses", verdict=Verdict.MEMORY, message="Over 1 GB."),
    ]


def waiting_class() -> Record:
    """Three checks that wait for two others."""
    waits = "test_linear.py::test_linear_output"
    return record(
        check("Linear: output", verdict=Verdict.FAILED),
        check("ReLU: output", verdict=Verdict.FAILED),
        check("Linear: gradient", verdict=Verdict.SKIPPED, waits_for=waits),
        check("Linear: float32", verdict=Verdict.SKIPPED, waits_for=waits, hidden=True),
        check("Net", verdict=Verdict.SKIPPED, waits_for="test_linear.py::test_relu_output"),
    )


def one_mistake_everywhere() -> Record:
    """One mistake that two public and two hidden checks find."""
    mistake = {"verdict": Verdict.FAILED, "hint": "Divide by N.", "mistake": "not-averaged"}
    return record(
        check("Linear: output", comparisons=[wrong_values()], **mistake),
        check("Linear: gradient", comparisons=[wrong_values()], **mistake),
        check("Linear: float32", hidden=True, comparisons=[wrong_values()], **mistake),
        check("Linear: a batch of one", hidden=True, comparisons=[wrong_values()], **mistake),
    )


def small_class() -> list[Record]:
    """Five submissions: perfect, two half done, untouched, and one that we failed to grade."""
    names = ["Linear: output", "Linear: gradient of x", "Linear: gradients of weight and bias"]
    perfect = record(*(check(name, hidden="of" in name) for name in names), student="grace")
    untouched = record(
        *(check(name, hidden="of" in name, verdict=Verdict.NOT_ATTEMPTED) for name in names),
        student="linus",
    )
    ours = record(
        check(names[0]), *(check(n, verdict=Verdict.GRADER_ERROR) for n in names[1:]), student="kay"
    )
    return [perfect, half_done("ada"), half_done("barbara"), untouched, ours]


def two_mistakes() -> Record:
    """One mistake in two checks, a second one beside it in the latter, a third in its own check."""
    half = {"verdict": Verdict.FAILED, "mistake": "averaged", "hint": "Divide by N."}
    sign = {"verdict": Verdict.FAILED, "mistake": "sign", "hint": "Keep the sign."}
    also = {"bias": "Add the bias.", "sign": "Keep the sign."}
    return record(check("one", **half), check("two", also=also, **half), check("three", **sign))
