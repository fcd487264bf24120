"""Relations: each is found where it holds in all probes, and none where it holds in some."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.probes.functions import softmax
from autograder.probes.modes import in_each_mode
from autograder.probes.observing import Observation
from autograder.probes.probe import Probe
from autograder.probes.relations import AGAIN, related
from autograder.probes.terms import Terms
from autograder.replay.steps import Step
from autograder.sandbox.protocol import ArrayRef, Request, Str

Array = NDArray[np.float64]
LABEL = "gradient of the input"
SHAPES = ((1, 2), (2, 3), (4, 3), (3, 5))


def observed(shape: tuple[int, int], make: Callable[[Array, Array, Array], Array]) -> Observation:
    """What a submission gave for a probe: `make(expected, x, grad_out)`, if that is wrong."""
    rng = np.random.default_rng(sum(shape))
    x, grad_out, expected = rng.standard_normal((3, *shape))
    seen = Observation(Probe("Layer", f"x of shape {shape}", lambda _: None))
    for method, array in (("forward", x), ("backward", grad_out)):
        request = Request(0, "call", target=1, attributes=[method], args=[ArrayRef(0)])
        seen.steps.append(Step(request, [array], None, 0))
    seen.expected = {LABEL: expected, "output": rng.standard_normal(shape)}
    got = make(expected, x, grad_out)
    if got.shape != shape or not np.allclose(got, expected):
        seen.wrong = {LABEL: got}
    return seen


CASES = {
    "zero": lambda e, _x, _g: 0 * e,
    "sign": lambda e, _x, _g: -e,
    "copy of what backward is given": lambda _e, _x, g: g,
    "times the length of axis 0 of what forward is given": lambda e, _x, _g: e * len(e),
    "divided by the length of axis 1 of what forward is given": lambda e, _x, _g: e / e.shape[1],
    "divided by the number of entries of what forward is given": lambda e, _x, _g: e / e.size,
    "twice as large": lambda e, _x, _g: 2 * e,
    "one": lambda e, _x, _g: np.ones_like(e),
    "without the factor what backward is given": lambda e, _x, g: e / g,
    "times what forward is given": lambda e, x, _g: e * x,
    "without the term what forward is given": lambda e, x, _g: e - x,
    "plus what backward is given": lambda e, _x, g: e + g,
    "absolute value of what forward is given": lambda _e, x, _g: np.abs(x),
    "transposed": lambda e, _x, _g: e.T,
    "reversed along 1": lambda e, _x, _g: e[:, ::-1],
    "in other places": lambda e, _x, _g: np.roll(e.ravel(), 1).reshape(e.shape),
    "tanh of what it should be": lambda e, _x, _g: np.tanh(e),
    "right but for the end: the square root of it would be right": lambda e, _x, _g: e**2,
    "1 minus what it should be": lambda e, _x, _g: 1 - e,
    "e to the power of what it should be": lambda e, _x, _g: np.exp(e),
    "softmax along the last axis of what it should be": lambda e, _x, _g: softmax(e),
    "the larger of 0 and what it should be": lambda e, _x, _g: np.maximum(e, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_a_relation_is_found(name: str) -> None:
    relation = related([observed(shape, CASES[name]) for shape in SHAPES], LABEL)
    assert relation is not None
    assert relation.id == name
    assert LABEL in relation.hint


@pytest.mark.parametrize("name", CASES)
def test_one_exception_and_nothing_is_said(name: str) -> None:
    seen = [observed(shape, CASES[name]) for shape in SHAPES]
    seen.append(observed((5, 4), lambda e, _x, _g: e + 1))
    assert related(seen, LABEL) is None


def test_one_wrong_array_is_no_evidence() -> None:
    assert related([observed((2, 3), CASES["sign"])], LABEL) is None


def test_nothing_is_said_of_what_is_not_finite() -> None:
    seen = [observed(shape, lambda e, _x, _g: e * np.nan) for shape in SHAPES]
    assert related(seen, LABEL) is None


def test_a_gradient_that_is_replaced() -> None:
    seen = [observed(shape, CASES["sign"]) for shape in SHAPES]
    for one in seen:
        one.expected |= {LABEL + AGAIN: 2 * one.expected[LABEL]}
        one.wrong = {LABEL + AGAIN: one.expected[LABEL]}
    relation = related(seen, LABEL + AGAIN)
    assert relation is not None
    assert relation.id == "replaces-the-gradient"


def by_halves(factor: float, other: float) -> Callable[[Array, Array, Array], Array]:
    """An array of two terms, x and the rest, that enter with these factors."""
    return lambda e, x, _g: factor * x + other * (e - x)


def terms_for(seen: list[Observation]) -> Terms:
    """x and the rest as terms of what is expected."""
    terms: Terms = {"the term x": {}, "the rest": {}}
    for one in seen:
        x = one.steps[0].arrays[0]
        terms["the term x"][one.probe.title] = {LABEL: x}
        terms["the rest"][one.probe.title] = {LABEL: one.expected[LABEL] - x}
    return terms


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ((0.0, 1.0), "the term x is missing."),
        ((-1.0, 1.0), "the term x has the wrong sign."),
        ((1.0, 2.0), "the rest enters twice."),
        ((2.0, 0.5), "the term x enters twice, and the rest enters with half of it."),
    ],
)
def test_a_term_with_another_factor(factors: tuple[float, float], words: str) -> None:
    seen = [observed(shape, by_halves(*factors)) for shape in SHAPES]
    relation = related(seen, LABEL, terms_for(seen))
    assert relation is not None
    assert relation.hint == f"In the {LABEL}, {words} Its other terms are right."


def test_a_factor_without_a_name_is_none() -> None:
    seen = [observed(shape, by_halves(1.7, 1.0)) for shape in SHAPES]
    assert related(seen, LABEL, terms_for(seen)) is None


def test_terms_that_are_unknown_in_too_many_probes_explain_nothing() -> None:
    seen = [observed(shape, by_halves(2.0, 0.0)) for shape in SHAPES]
    assert related(seen, LABEL, terms_for(seen)) is not None
    assert related(seen, LABEL, terms_for(seen[:1])) is None


def made(reduction: str, shape: tuple[int, int], factor: float) -> Observation:
    seen = observed(shape, lambda e, _x, _g: factor * e)
    request = Request(0, "make", attributes=["Loss"], kwargs={"reduction": Str(reduction)})
    seen.steps.insert(0, Step(request, [], None, 0))
    return seen


def test_with_each_option_a_relation_of_its_own() -> None:
    seen = [made("mean", shape, 1 / shape[1]) for shape in SHAPES]
    seen += [made("sum", shape, 1 / shape[0] / shape[1]) for shape in SHAPES]
    assert related(seen, LABEL) is None
    relation = in_each_mode(seen, LABEL)
    assert relation is not None
    mean, total = relation.hint.split(" With ")
    assert "reduction='mean'" in mean
    assert "the length of axis 1" in mean
    assert "reduction='sum'" in total
    assert "the number of entries of what forward" in total
    seen.append(made("sum", (5, 7), 3))
    assert in_each_mode(seen, LABEL) is None
