"""The lines of a smallest case print what it says was got, in a fresh interpreter."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from autograder.mistakes.changing import replacing
from autograder.mistakes.variants import variant
from autograder.options import Options
from autograder.probes.examples import Pasted, example, told
from autograder.probes.observing import EXCEPTION, Observation, Observing
from autograder.probes.probe import Observer, probes_of
from autograder.replay.steps import Recording, Step
from autograder.results import CheckResult, Example
from autograder.sandbox import protocol as wire
from autograder.sandbox.protocol import Request
from course import catalogue
from course.config import load_course

COURSE = load_course(Path(__file__).parents[2])
WEEK = COURSE.week(1)
MISTAKES = {one.id: one for one in catalogue.load(COURSE, WEEK)}
NUMBER = r"-?\d+\.?\d*(?:e[-+]?\d+)?"

Seen = Callable[[str, str, str], list[Observation]]


@pytest.fixture(scope="module")
def observing() -> Iterator[tuple[Observing, Callable[[dict[str, str]], None]]]:
    with replacing(COURSE, WEEK, Options(sandboxed=False)) as (session, put):
        yield Observing(COURSE, WEEK, session, inquires=True), put


@pytest.fixture
def observe(observing) -> Seen:
    """What the probes of a class see of a module's text."""

    def seen(module: str, subject: str, text: str) -> list[Observation]:
        observing[1]({module: text})
        probes = [p for p in probes_of(COURSE, WEEK, module) if p.subject == subject]
        return observing[0].observe(probes)

    return seen


def run(home: Path, module: str, text: str, case: Example) -> subprocess.CompletedProcess[str]:
    """The lines of a case, in a folder as a student has it."""
    shutil.copytree(COURSE.solutions / "given", home / "given")
    (home / "week_1").mkdir()
    (home / "week_1" / f"{module}.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", case.program]
    return subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)


def one_of(seen: list[Observation], label: str) -> Example:
    """A case in which this goes wrong, however large it is."""
    return told(next(one for one in seen if label in one.wrong), label)


def solution(module: str) -> str:
    return (COURSE.folder(1) / f"{module}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("id", "label"),
    [
        ("bce-loss-not-averaged", "output at extreme values"),
        ("cross-entropy-loss-batch-size-kept", "gradient of the second call"),
        ("linear-bias-grad-averaged", "gradient of bias"),
    ],
)
def test_it_prints_what_was_got(observe: Seen, tmp_path: Path, id: str, label: str) -> None:
    mistake = MISTAKES[id]
    subject = mistake.function.partition(".")[0]
    text = variant(COURSE, WEEK, mistake)
    case = example(observe(mistake.module, subject, text), label)
    assert case is not None
    said = run(tmp_path, mistake.module, text, case).stdout
    got = [float(one) for one in re.findall(NUMBER, case.got)]
    assert got
    assert np.allclose([float(one) for one in re.findall(NUMBER, said)], got, rtol=1e-4)


def test_a_view_is_one_when_pasted(observe: Seen, tmp_path: Path) -> None:
    """ReLU that reads its input in the order in which it lies in memory."""
    right, wrong = "return np.maximum(x, 0)", "return np.maximum(x, 0).ravel('K').reshape(x.shape)"
    text = solution("activations").replace(right, wrong)
    case = one_of(observe("activations", "ReLU", text), "output for a transposed view")
    said = run(tmp_path, "activations", text, case).stdout
    assert re.findall(r"\d+", said) == re.findall(r"\d+", case.got)


def test_of_several_arguments_to_be_refused_the_accepted_one_is_shown(
    observe: Seen, tmp_path: Path
) -> None:
    right = 'require_shape("x", x, (..., self.in_features))'
    wrong = f"if x.shape != (3, 4): {right}\n        x = x[..., :self.in_features]"
    text = solution("linear").replace(right, wrong)
    case = one_of(observe("linear", "Linear", text), "an input of the wrong shape")
    assert (case.got, case.expected) == ("no error", "a ValueError")
    assert run(tmp_path, "linear", text, case).stderr == ""


def test_what_was_wrong_stands_beside_what_was_expected_then() -> None:
    parity = Observer()
    parity("output", np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    parity("output", np.array([5.0, 6.0]), np.array([5.0, 6.0]))
    assert parity.seen["output"].tolist() == [3.0, 4.0]
    assert parity.evidence["output"].tolist() == [1.0, 2.0]


def test_of_a_module_that_was_not_taken_nothing_is_seen(observing, monkeypatch) -> None:
    session = observing[0].session
    monkeypatch.setattr(session, "refused", {"losses": "week_1/losses.py is missing"})
    assert observing[0].observe(probes_of(COURSE, WEEK, "losses")) == []


@pytest.mark.parametrize(
    ("before", "got"),
    [
        ("        return np.maximum(x, 0)", "KeyError in forward"),
        ("class ReLU", "KeyError in import"),
    ],
)
def test_what_is_raised_is_raised_again(
    observe: Seen, tmp_path: Path, before: str, got: str
) -> None:
    indent = before[: len(before) - len(before.lstrip())]
    raises = f"{indent}raise KeyError('gone')"
    text = solution("activations").replace(before, f"{raises}\n{before}")
    case = example(observe("activations", "ReLU", text), EXCEPTION)
    assert case is not None
    assert case.got == got
    assert "KeyError: 'gone'" in run(tmp_path, "activations", text, case).stderr


def test_where_an_error_is_wanted_another_one_is_not_told_to_be_none(observe: Seen) -> None:
    text = solution("activations")
    shape = 'require_shape("grad_out", grad_out, self.mask.shape)'
    assert shape in text
    fails = text.replace(shape, "grad_out.reshape(self.mask.shape)[None].no_such_thing", 1)
    seen = observe("activations", "ReLU", fails)
    expected = {told(one, EXCEPTION).expected for one in seen if EXCEPTION in one.wrong}
    assert expected == {"no exception"}  # it is raised for what is right, too
    refuses = "grad_out.no_such_thing if grad_out.shape != self.mask.shape else 0"
    seen = observe("activations", "ReLU", text.replace(shape, refuses, 1))
    expected = {told(one, EXCEPTION).expected for one in seen if EXCEPTION in one.wrong}
    assert expected == {"a ValueError"}


def test_a_part_that_was_got_and_then_changed_stands_in_the_lines() -> None:
    asked = [
        (Request(1, "make", target="week_1.linear", attributes=["Linear"]), wire.Handle(1)),
        (Request(2, "get", target=1, attributes=["dropout"]), wire.Handle(2)),
        (Request(3, "set", target=2, name="p", args=[wire.Float("0x0p+0")]), wire.Null()),
        (Request(4, "call", target=1, attributes=["forward"]), wire.Null()),
    ]
    steps = [Step(request, [], wire.Ok(request.id, value, []), 0) for request, value in asked]
    pasted = Pasted(Recording(CheckResult("a", "a", "", 0, False), steps), "")
    pasted.write()
    assert pasted.lines[-3:] == [
        "linear = week_1.linear.Linear()",
        "linear.dropout.p = 0.0",
        "print(linear.forward())",
    ]
