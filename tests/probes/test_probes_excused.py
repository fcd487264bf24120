"""Whether a wrong gradient is the right one of a submission's own forward."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from autograder.layers.probing import excuse_gradient, excuse_gradients
from autograder.probes.observing import Observation, excused
from autograder.probes.probe import Observer, Probe
from autograder.sandbox.remote import Remote

X, GRAD_OUT = np.array([1.0, -2.0]), np.array([3.0, 0.5])
LABEL = "gradient of the key"


def follows(got: object) -> dict[str, bool]:
    parity = Observer()
    excuse_gradient(parity, LABEL, lambda x: x**2, X, GRAD_OUT, got)
    return parity.follows


def test_a_gradient_that_follows_the_own_forward_is_excused() -> None:
    assert follows(2 * X * GRAD_OUT) == {LABEL: True}


def test_another_gradient_is_not() -> None:
    assert follows(X * GRAD_OUT) == {LABEL: False}


def test_of_what_is_no_such_array_nothing_is_known() -> None:
    assert follows(np.zeros(3)) == {}
    assert follows(None) == {}


def test_one_case_in_which_it_does_not_follow_is_enough() -> None:
    seen = [Observation(Probe("Layer", name, lambda _: None)) for name in ("one", "other", "third")]
    seen[0].follows, seen[1].follows = {LABEL: True}, {LABEL: True}
    assert excused(seen) == {LABEL}
    seen[2].follows = {LABEL: False}
    assert excused(seen) == frozenset()


def test_rounding_is_not_wrong_where_zeros_are_expected() -> None:
    parity = Observer()
    parity("gradient", np.array([2e-17, -1e-16]), np.zeros(2))
    assert not parity.evidence
    parity("gradient", np.array([2e-17, np.nan]), np.zeros(2))
    parity("another gradient", np.array([1e-3, 0.0]), np.zeros(2))
    assert parity.evidence.keys() == {"gradient", "another gradient"}


class Product:
    """A layer of two inputs: their product."""

    def forward(self, x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
        return x * y


def test_each_of_several_inputs_is_looked_at() -> None:
    parity, y = Observer(), np.array([0.5, 4.0])
    for number in (1, 2):
        parity(f"gradient of the input {number}", np.zeros(2), np.ones(2))
    excuse_gradients(parity, cast(Remote, Product()), [X, y], GRAD_OUT, (y * GRAD_OUT, X))
    assert parity.follows == {"gradient of the input 1": True, "gradient of the input 2": False}
