"""A wrong array as a function of the right one: `tanh` is missing, or there once too often."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from autograder.sandbox.protocol import Array

Function = Callable[[Array], Array]


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def logit(y: Array) -> Array:
    return np.asarray(np.log(y) - np.log(1 - y))


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


# Each with its inverse: what there is if it is missing.
INVERTIBLE: dict[str, tuple[Function, Function]] = {
    "tanh of": (np.tanh, np.arctanh),
    "the sigmoid of": (sigmoid, logit),
    "the square root of": (np.sqrt, np.square),
    "1 minus": (lambda x: 1 - x, lambda x: 1 - x),
    "1 over": (lambda x: 1 / x, lambda x: 1 / x),
    "one half of 1 plus": (lambda x: (1 + x) / 2, lambda y: 2 * y - 1),
}
OTHERS: dict[str, Function] = {
    "softmax along the last axis of": softmax,
    "the larger of 0 and": lambda x: np.maximum(x, 0),
    "the absolute value of": np.abs,
}
# Which of the two is meant nobody can tell.
BOTH_WAYS = {"1 minus", "1 over"}


def images(expected: Array) -> Iterator[tuple[str, Array]]:
    """What an array may be, in words, with what it is then."""
    with np.errstate(all="ignore"):
        for name, (function, inverse) in INVERTIBLE.items():
            yield f"{name} what it should be", function(expected)
            if name not in BOTH_WAYS:
                yield f"right but for the end: {name} it would be right", inverse(expected)
        yield "e to the power of what it should be", np.exp(expected)
        yield "the logarithm of what it should be", np.log(expected)
        if expected.ndim:
            for name, function in OTHERS.items():
                yield f"{name} what it should be", function(expected)
