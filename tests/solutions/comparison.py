"""How the tests of the weeks compare arrays, finite differences, and gradients to refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from given.module import Module
from numpy.typing import NDArray

Array = NDArray[Any]


def assert_close(expected: Any, actual: Any, relative: float = 1e-10) -> None:
    """Same shape, and equal up to `relative` of the largest expected value."""
    expected = np.asarray(expected)
    assert expected.shape == np.shape(actual)
    scale = np.abs(expected).max(initial=0.0)
    np.testing.assert_allclose(actual, expected, rtol=relative, atol=relative * scale)


def numeric_gradient(loss: Callable[[], float], values: Array, step: float = 1e-6) -> Array:
    """dL/d(values) by central differences; `loss` reads `values`, which ends unchanged."""
    gradient = np.zeros_like(values)
    for index in np.ndindex(values.shape):
        original = values[index]
        values[index] = original + step
        above = loss()
        values[index] = original - step
        below = loss()
        values[index] = original
        gradient[index] = (above - below) / (2 * step)
    return gradient


def assert_refuses_gradient(layer: Module, wrong: tuple[int, ...], right: tuple[int, ...]) -> None:
    """backward raises a ValueError that names the wrong shape and the right one."""
    with pytest.raises(ValueError) as caught:
        layer.backward(np.ones(wrong))
    assert f"has shape {wrong}, not {right}" in str(caught.value)
