"""The gradients of a layer's inputs: of one, of several, in another dtype."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograder.layers.gradients import input_gradients
from autograder.parity.compare import Parity

ONE, TWO = np.array([1.0, 2.0]), np.array([[3.0], [4.0]])
BOTH = {"output": ONE, "grad_input_1": TWO, "grad_input": ONE, "grad_weight": TWO}


def failed(got: Any, expected: dict[str, Any], dtype: Any = None) -> list[str]:
    """The labels of the comparisons that don't hold."""
    parity = Parity()
    input_gradients(parity, "gradient", got, SimpleNamespace(**expected), dtype)
    assert parity.comparisons
    return [comparison.label for comparison in parity.comparisons if not comparison.passed]


def test_one_input_has_one_gradient() -> None:
    assert [] == failed(ONE, {"output": TWO, "grad_input": ONE})
    assert ["gradient"] == failed(2 * ONE, {"grad_input": ONE})
    assert ["gradient"] == failed((ONE,), {"grad_input": ONE})


def test_several_inputs_have_a_tuple_in_their_order() -> None:
    assert [] == failed((ONE, TWO), BOTH)
    assert ["gradient 1", "gradient 2"] == failed((TWO, ONE), BOTH)
    assert ["gradient 2"] == failed((ONE, -TWO), BOTH)


@pytest.mark.parametrize("got", [np.ones(3), None, (ONE,), (ONE, TWO, TWO)])
def test_anything_but_that_tuple_is_wrong(got: Any) -> None:
    assert "what backward returned, gradient" in failed(got, BOTH)


def test_the_dtype_is_that_of_the_submission() -> None:
    assert [] == failed((ONE.astype("f4"), TWO.astype("f4")), BOTH, np.float32)
    assert ["gradient 1", "gradient 2"] == failed((ONE, TWO), BOTH, np.float32)
