"""What the probes of a layer see: its promises, and which gradient a wrong forward excuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.mistakes.changing import replacing
from autograder.mistakes.variants import variant
from autograder.options import Options
from autograder.probes.observing import Observation, Observing
from autograder.probes.observing import excused as consequences
from autograder.probes.probe import probes_of
from course import catalogue
from course.config import load_course

COURSE = load_course(Path(__file__).parents[2])
WEEK = COURSE.week(1)
MISTAKES = {one.id: one for one in catalogue.load(COURSE, WEEK)}

Seen = Callable[[str, str, str], list[Observation]]


@pytest.fixture(scope="module")
def observe() -> Iterator[Seen]:
    """What the probes of a class see of a module's text."""
    with replacing(COURSE, WEEK, Options(sandboxed=False)) as (session, put):

        def seen(module: str, subject: str, text: str) -> list[Observation]:
            put({module: text})
            probes = [p for p in probes_of(COURSE, WEEK, module) if p.subject == subject]
            return Observing(COURSE, WEEK, session, inquires=True).observe(probes)

        yield seen


def labels(seen: list[Observation]) -> set[str]:
    return {label for one in seen for label in one.wrong}


@pytest.mark.parametrize(
    ("id", "label"),
    [
        ("linear-float64", "dtype of the output"),
        ("relu-float64", "dtype of the gradient of the input"),
        ("relu-in-place", "input after the calls"),
        ("relu-changes-grad-out", "grad_out after the calls"),
        ("cross-entropy-loss-batch-size-kept", "gradient of the second call"),
        ("cross-entropy-loss-probabilities-spent", "gradient of a second backward"),
        ("relu-gradient-of-any-shape", "a grad_out of another shape"),
        ("sigmoid-overflow", "output at extreme values"),
        ("linear-init-zero", "initial weight"),
        ("linear-init-ignores-rng", "initial weight"),
        ("linear-init-always-alike", "initial weight without an rng"),
    ],
)
def test_a_broken_promise_is_seen_twice(observe: Seen, id: str, label: str) -> None:
    mistake = MISTAKES[id]
    subject = mistake.function.partition(".")[0]
    seen = observe(mistake.module, subject, variant(COURSE, WEEK, mistake))
    assert sum(label in one.wrong for one in seen) >= 2
    assert "output" not in labels(seen)


@pytest.mark.parametrize(
    ("backward", "excused"),
    [("grad_out * np.sign(self.x)", True), ("grad_out * (self.x > 0)", False)],
)
def test_the_gradient_of_a_wrong_forward_is_excused(
    observe: Seen, backward: str, excused: bool
) -> None:
    """Of |x| in place of ReLU."""
    solution = (COURSE.folder(1) / "activations.py").read_text(encoding="utf-8")
    text = solution.replace("return np.maximum(x, 0)", "self.x = x\n        return np.abs(x)")
    text = text.replace("return grad_out * self.mask", f"return {backward}")
    seen = observe("activations", "ReLU", text)
    assert "output" in labels(seen)
    assert ("gradient of the input" in consequences(seen)) is excused


def test_nothing_is_asked_of_backward_where_the_output_has_another_shape(observe: Seen) -> None:
    solution = (COURSE.folder(1) / "activations.py").read_text(encoding="utf-8")
    text = solution.replace("return np.maximum(x, 0)", "return np.maximum(x, 0).sum()")
    text = text.replace("return grad_out * self.mask", "raise RuntimeError")
    seen = observe("activations", "ReLU", text)
    assert all("what it raises" not in one.wrong for one in seen if "output" in one.wrong)


def changed(module: str, of: str, to: str) -> str:
    """The solution, with other lines in one place."""
    solution = (COURSE.folder(1) / f"{module}.py").read_text(encoding="utf-8")
    assert of in solution
    return solution.replace(of, to)


def test_what_an_object_calls_its_dtype_is_not_said(observe: Seen) -> None:
    odd = 'type("Odd", (), {"dtype": "words of the submission"})()'
    text = changed(
        "linear",
        "        self.x = x\n",
        f"        self.x = x\n        if x.dtype == np.float32:\n            return {odd}\n",
    )
    seen = observe("linear", "Linear", text)
    messages = [one.message for probe in seen for one in probe.comparisons]
    assert messages
    assert not any("words of the submission" in message for message in messages)


def test_a_large_array_that_is_not_finite_is_not_written_down(observe: Seen) -> None:
    """Of many axes NumPy leaves no number out."""
    text = changed(
        "activations",
        "        exp = np.exp(x",
        "        if np.abs(x).max() > 100:\n            return np.full((3,) * 8, np.nan)\n"
        "        exp = np.exp(x",
    )
    seen = observe("activations", "Softmax", text)
    label = "output at extreme values"
    wrong = [str(one.wrong[label]) for one in seen if label in one.wrong]
    assert set(wrong) == {f"{label}: an array of shape {(3,) * 8} is not a number, or infinite"}


def test_large_outputs_that_are_compared_with_each_other_are_not_kept(observe: Seen) -> None:
    text = changed(
        "activations", "return np.maximum(x, 0)", "return np.random.default_rng().random(200_000)"
    )
    text += "\n\nReLU.backward = lambda self, grad_out: grad_out\n"
    seen = observe("activations", "ReLU", text)
    label = "output of the second call"
    assert any(one.label == label for probe in seen for one in probe.comparisons)
    assert all(array.nbytes <= 1 << 20 for one in seen for array in one.expected.values())


def test_an_object_with_the_shape_of_the_input_is_seen_to_be_no_gradient(observe: Seen) -> None:
    odd = 'type("Odd", (), {"shape": self.mask.shape})()'
    text = changed("activations", "return grad_out * self.mask", f"return {odd}")
    seen = observe("activations", "ReLU", text)
    label = "gradient of the input"
    assert {str(one.wrong[label]) for one in seen if label in one.wrong} == {
        "<an Odd of the submission>"
    }


def test_lists_of_unequal_lengths_hide_nothing_of_the_class(observe: Seen) -> None:
    text = (COURSE.folder(1) / "activations.py").read_text()
    assert text.count("class ReLU") == 1
    ragged = (
        text
        + """
def forward(self, x):
    self.mask = x > 0
    return [[1.0], [1.0, 2.0]]


ReLU.forward = forward
"""
    )
    seen = observe("activations", "ReLU", ragged)
    assert len(seen) > 1
    assert all("output" in one.wrong for one in seen if "output" in one.expected)
