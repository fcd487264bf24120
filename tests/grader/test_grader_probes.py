"""What probes tell of submissions: the smallest case, an explanation, nothing that is hidden."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from grader_course import LINEAR, REPOSITORY, build, options, submit

from autograder.grading import UNEXPLAINED, grade
from autograder.mistakes.changing import replacing
from autograder.mistakes.variants import apply
from autograder.probes.changed import Trials
from autograder.probes.company import beside
from autograder.probes.explaining import WAVERS
from autograder.probes.observing import Observing
from autograder.probes.predictions import declared
from autograder.probes.probe import probes_of
from autograder.results import FAILURES, CheckResult, Record
from autograder.sandbox.launch import SandboxError
from course import catalogue
from course.config import Course, load_course

pytestmark = pytest.mark.xdist_group("probed")  # what explanations give is made once

MISTAKES = """
[[mistake]]
id = "bias-averaged"
where = "linear.py: Linear.backward"
replace = "grad.sum(axis=0)"
with = "grad.mean(axis=0)"
hint = "You average the gradient of the bias."
checks = ["test_linear_parameter_grads"]

[[mistake]]
id = "forward-twice"
where = "linear.py: Linear.forward"
replace = "y += self.bias.data"
with = "y -= self.bias.data"
hint = "You subtract the bias."
checks = ["test_linear_forward"]

[[mistake]]
id = "input-kept-wrong"
where = "linear.py: Linear.forward"
replace = "self.x = x"
with = "self.x = x + 1"
hint = "You keep another input than the one that was given."
checks = ["test_linear_parameter_grads"]

[[mistake]]
id = "input-copied"
where = "linear.py: Linear.forward"
replace = "self.x = x"
with = "self.x = x.copy()"
hint = "This is no mistake, and nothing shows it."
checks = ["test_linear_forward"]

[[mistake]]
id = "weight-averaged"
where = "linear.py: Linear.backward"
replace = "grad.T @ rows"
with = "grad.T @ rows / len(rows)"
hint = "You average the gradient of the weights."
checks = ["test_linear_parameter_grads"]
"""
DEVIATIONS = """
[[deviation]]
id = "bias-twice"
where = "linear.py: Linear.forward"
replace = "y += self.bias.data"
with = "y += 2 * self.bias.data"
hint = "The bias is added twice."

[[deviation]]
id = "bias-doubled"
where = "linear.py: Linear.backward"
replace = "grad.sum(axis=0)"
with = "3 * grad.sum(axis=0)"
hint = "One of two explanations that look the same."

[[deviation]]
id = "bias-tripled"
where = "linear.py: Linear.backward"
replace = "grad.sum(axis=0)"
with = "(grad + 2 * grad).sum(axis=0)"
hint = "The other one."
"""
FORWARD = """
    def forward(self, x):
        require_shape("x", x, (..., self.in_features))
        self.x = x
        {before}
        rows = x.reshape(-1, self.in_features)
        y = np.einsum("nd,kd->nk", rows, self.weight.data)
        if self.bias is not None:
            y = y + {bias}
        return y.reshape(*x.shape[:-1], self.out_features)
"""
BACKWARD = """
    def backward(self, grad_out):
        require_shape("grad_out", grad_out, (*self.x.shape[:-1], self.out_features))
        rows, grad = self.x.reshape(-1, self.in_features), grad_out.reshape(-1, self.out_features)
        self.weight.grad {adds} np.einsum("nk,nd->kd", grad, rows)
        if self.bias is not None:
            for row in grad:
                self.bias.grad += row {per_row}
        return {result}
"""
RIGHT = {
    **{"before": "", "bias": "self.bias.data", "adds": "+=", "per_row": ""},
    "result": "(grad @ self.weight.data).reshape(self.x.shape)",
}


@pytest.fixture(scope="module")
def probed(shared: Callable[[str, Callable[[Path], object]], Path]) -> Course:
    """The course of Linear, with its probes and a few explanations."""

    def make(folder: Path) -> None:
        week = build(folder / "course").root / "solutions" / "week_1"
        shutil.copy(REPOSITORY / "solutions/week_1/checks/probes_linear.py", week / "checks")
        (week / "mistakes.toml").write_text(MISTAKES)
        (week / "deviations.toml").write_text(DEVIATIONS)

    return load_course(shared("probed", make) / "course")


def written(**changes: str) -> str:
    """Linear in another hand than the solution's, with something changed in it."""
    parts = RIGHT | changes
    methods = FORWARD.format(**parts) + BACKWARD.format(**parts)
    return LINEAR[: LINEAR.index("    def forward")] + methods.strip("\n") + "\n"


@pytest.fixture
def failures(probed: Course, tmp_path: Path) -> Callable[..., tuple[Record, list[CheckResult]]]:
    """Grades what is written, and returns the record with the checks that failed."""

    def graded(
        sandboxed: bool = False, text: str = "", **changes: str
    ) -> tuple[Record, list[CheckResult]]:
        folder = submit(tmp_path / "submission", text or written(**changes))
        how = options(explain=True, sandboxed=sandboxed)
        record = grade(probed, probed.week(1), folder, how)
        return record, [check for check in record.checks if check.verdict in FAILURES]

    return graded


def test_a_right_submission_is_told_nothing(failures) -> None:
    record, failed = failures()
    assert failed == []
    assert not any(check.hint or check.example for check in record.checks)
    assert record.notes == []


@pytest.mark.proof
def test_a_mistake_is_recognised_in_another_hand(failures) -> None:
    _, failed = failures(per_row="/ len(grad)")
    assert {check.mistake for check in failed} == {"bias-averaged"}


def test_a_deviation_is_recognised(failures) -> None:
    _, failed = failures(bias="self.bias.data + self.bias.data")
    assert {check.hint for check in failed} == {"The bias is added twice."}


def test_a_relation_is_recognised_without_declaration(failures) -> None:
    _, failed = failures(result="-(grad @ self.weight.data).reshape(self.x.shape)")
    assert failed
    assert {check.mistake for check in failed} == {"sign"}


def test_of_two_explanations_that_look_the_same_none_is_shown(failures) -> None:
    _, failed = failures(per_row="* 3")
    assert failed
    assert {check.hint for check in failed} == {""}
    assert all(check.example for check in failed)


def test_the_smallest_case_reproduces_when_pasted(failures, tmp_path: Path) -> None:
    _, failed = failures(per_row="/ len(grad)")
    example = failed[0].example
    assert example is not None
    assert (example.case, example.label) == (
        "Linear(1, 2), x of shape (2, 1)",
        "gradient of bias",
    )
    home = tmp_path / "assignments"
    (home / "week_1").mkdir(parents=True)
    shutil.copytree(REPOSITORY / "solutions" / "given", home / "given")
    (home / "week_1" / "__init__.py").touch()
    (home / "week_1" / "linear.py").write_text(written(per_row="/ len(grad)"))
    command = [sys.executable, "-c", example.program]
    said = subprocess.run(command, cwd=home, capture_output=True, text=True, check=True).stdout
    numbers = re.findall(r"-?\d+\.?\d*", said)
    assert [float(one) for one in numbers] == [
        float(one) for one in re.findall(r"-?\d+\.?\d*", example.got)
    ]


def test_nothing_of_a_hidden_input_comes_out(failures) -> None:
    """A class that keeps what it is given, in itself and in a file, and gives it out later."""
    before = """
        import contextlib, pathlib
        kept = pathlib.Path("/tmp/kept.npy")
        drawn = (64 * x != np.round(64 * x)).any()  # by the grader: those of probes are shorter
        if drawn and not kept.exists():
            with contextlib.suppress(OSError):  # a check ends with it, and has no case then
                np.save(kept, x)
        elif not drawn and kept.exists():
            return np.resize(np.load(kept).ravel(), (*x.shape[:-1], self.out_features))
        x = x * 1.5
        """
    record, failed = failures(
        sandboxed=True, before=dedent(before).strip().replace("\n", "\n        ")
    )
    assert failed
    examples = [check.example for check in record.checks if check.example]
    assert examples
    wrong = {"Linear(1, 1, bias=False), x of shape (1, 1)": "[[-3.]]"}  # 1.5 times the product
    assert {one.case: one.got for one in examples if one.label == "output"} == wrong


@pytest.mark.parametrize("factor", ["1", "(len(rows) > 3)"])
def test_what_wavers_is_not_explained(failures, factor: str) -> None:
    """Always, or with many rows only, as the first probes have none."""
    noise = f"self.bias.data * (1 + {factor} * np.random.default_rng().random())"
    record, failed = failures(bias=noise)
    assert failed
    assert not any(check.hint or check.example for check in failed)
    assert record.notes == [f"Linear: {WAVERS}"]


def test_what_hangs_on_small_inputs_ends_and_is_not_explained(failures) -> None:
    hangs = "while x.size < 3: pass\n        x = 2 * x"
    _, failed = failures(before=hangs)
    assert failed
    assert not any(check.hint or check.example for check in failed)


@pytest.mark.parametrize("error", [IndexError, OSError, SandboxError])
def test_a_fault_in_explaining_costs_nothing(failures, monkeypatch, error) -> None:
    def fault(*_: object) -> None:
        raise error

    monkeypatch.setattr("autograder.probes.explaining.explain", fault)
    record, failed = failures(per_row="/ len(grad)")
    assert record.complete
    assert failed
    assert record.score > 0
    assert record.notes == [f"{UNEXPLAINED} ({error.__name__})"]


def test_what_ends_on_small_inputs_does_not_waver(failures) -> None:
    record, failed = failures(
        before="if x.shape == (3, 1, 2): import os; os._exit(1)\n        x = 2 * x"
    )
    assert failed
    assert not any(check.hint or check.example for check in failed)
    assert record.notes == []


def test_what_raises_for_small_inputs_alone_is_said_so(failures) -> None:
    raises = "if x.size < 3: raise KeyError(x.shape)\n        x = 2 * x"
    _, failed = failures(before=raises)
    assert failed[0].example is not None
    assert failed[0].example.label == "output"  # what the failed check names
    assert failed[0].hint == ""


PROBES = """
from functools import partial
from autograder.layers import Probe

def run(scene, size):
    layer = scene.student.linear.Linear(2, 2, scale=3.0)
    layer.eval()
    x, other = scene.rng.standard_normal((2, size, 2))
    scene.parity("output", layer.forward(x, other, shift=2.0), 3 * x - other + 2)

PROBES = [Probe("Linear", f"{size} rows", partial(run, size=size)) for size in (1, 2, 3)]
"""
CHECK = '''
def test_linear_output(student, rng, parity):
    """Linear: output"""
    layer = student.linear.Linear(2, 2, scale=4.0)
    layer.eval()
    x, other = rng.standard_normal((2, 5, 2))
    parity("output", layer.forward(x, other, shift=1.0), 4 * x - other + 1)
'''
CLASS = """
class Linear:
    def __init__(self, i, o, scale=1.0):
        self.scale, self.bonus = {scale}, 100.0

    def eval(self):
        {bonus}

    def forward(self, x, other, shift=0.0):
        return self.scale * {x} - {other} + {shift} + self.bonus
"""
PLAIN = {
    "scale": "scale",
    "bonus": "self.bonus = 0.0",
    "x": "x",
    "other": "other",
    "shift": "shift",
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scale": "1.0"}, "scale makes no difference: your Linear does"),
        ({"shift": "0.0"}, "shift makes no difference in Linear.forward"),
        ({"bonus": "pass"}, "Linear.eval() changes nothing"),
        ({"x": "other", "other": "x"}, "Linear.forward takes its first two arguments in the wrong"),
    ],
)
def test_who_ignores_an_argument_is_told_so(
    tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    """What the solution gives without the argument is run, and declared by nobody."""
    course = build(tmp_path / "course")
    week = course.solutions / "week_1"
    (week / "checks" / "probes_linear.py").write_text(PROBES)
    (week / "checks" / "test_linear.py").write_text(CHECK)
    (week / "linear.py").write_text(CLASS.format(**PLAIN))
    folder = submit(tmp_path / "submission", CLASS.format(**PLAIN | changes))
    record = grade(course, course.week(1), folder, options(explain=True))
    assert record.checks[0].verdict in FAILURES
    assert record.checks[0].hint.startswith(words)


BY_PLACE = """
from functools import partial
from autograder.layers import Probe

def run(scene, power, size):
    x = scene.rng.standard_normal((size, 2))
    layer = scene.student.linear.Linear(power, 5.0)
    scene.parity("output", layer.forward(x), 5 * x**power)

CASES = [(1, 2), (1, 4), (2, 2), (2, 4)]
PROBES = [Probe("Linear", f"{n} rows, {p}", partial(run, size=n, power=p)) for n, p in CASES]
"""
OF_POWERS = '''
def test_linear_output(student, rng, parity):
    """Linear: output"""
    x = rng.standard_normal((5, 2))
    parity("output", student.linear.Linear(4, 7.0).forward(x), 7 * x**4)
'''
POWER = """
class Linear:
    def __init__(self, power=3, factor=2.0):
        self.power, self.factor = power, factor

    def forward(self, x):
        return {factor} * x**{power}
"""


@pytest.mark.parametrize(
    ("factor", "power", "words"),
    [
        ("2.0", "self.power", "Only the first argument makes a difference: your Linear does"),
        ("2.0", "3", "Arguments make no difference: your Linear does"),
    ],
)
def test_who_ignores_arguments_by_position_is_told_so(
    tmp_path: Path, factor: str, power: str, words: str
) -> None:
    course = build(tmp_path / "course")
    week = course.solutions / "week_1"
    (week / "checks" / "probes_linear.py").write_text(BY_PLACE)
    (week / "checks" / "test_linear.py").write_text(OF_POWERS)
    (week / "linear.py").write_text(POWER.format(factor="self.factor", power="self.power"))
    folder = submit(tmp_path / "submission", POWER.format(factor=factor, power=power))
    record = grade(course, course.week(1), folder, options(explain=True))
    assert record.checks[0].verdict in FAILURES
    assert record.checks[0].hint.startswith(words)


def both(probed: Course, failures: Any, *ids: str) -> set[str]:
    """What is told of the solution with these mistakes of the catalogue in it."""
    text = (probed.folder(1) / "linear.py").read_text(encoding="utf-8")
    for one in catalogue.load(probed, probed.week(1)):
        text = apply(one, text) if one.id in ids else text
    _, failed = failures(text=text)
    return {id for check in failed for id in (check.mistake, *check.also) if id}


def test_mistake_in_what_waits_for_another_is_told_beside_it(probed: Course, failures) -> None:
    assert both(probed, failures, "forward-twice", "bias-averaged") == {
        "forward-twice",
        "bias-averaged",
    }


def test_two_mistakes_of_which_one_changes_what_the_other_does_are_told(
    probed: Course, failures
) -> None:
    found = both(probed, failures, "input-kept-wrong", "weight-averaged")
    assert found == {"input-kept-wrong", "weight-averaged"}


def test_what_one_mistake_gives_alone_needs_no_second(probed: Course) -> None:
    """Any that changes nothing would do beside it."""
    week, how = probed.week(1), options(sandboxed=False)
    known = {one.id: one for one in declared(probed, week, ["linear"], how)}
    text = (probed.folder(1) / "linear.py").read_text(encoding="utf-8")
    first = next(m for m in catalogue.load(probed, week) if m.id == "forward-twice")
    with replacing(probed, week, how) as (session, put):
        put({"linear": apply(first, text)})
        seen = Observing(probed, week, session).observe(probes_of(probed, week, "linear"))
    other = replace(known["input-copied"], evidence=known["forward-twice"].evidence)
    alone = {id: one.evidence for id, one in known.items()}
    trials = Trials(probed, week, how, "linear")
    assert [] == beside(trials, seen, {"forward-twice"}, [other], alone)
    nothing: dict[str, Any] = {id: {} for id in alone}
    assert [other] == beside(trials, seen, {"forward-twice"}, [other], nothing)
