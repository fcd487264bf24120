"""Fixtures that the checks of this course share, beside those of the grader."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.loading import importable

Array = NDArray[Any]

pytest_plugins = ["autograder.layers.fixtures"]


@lru_cache(maxsize=1)
def given_data() -> ModuleType:
    """The course's own `given.data`, imported where it is needed: the worker's has no files."""
    with importable(Path(__file__).parent):
        return importlib.import_module("given.data")


@pytest.fixture
def data() -> ModuleType:
    """The course's own `given.data`, in this process."""
    return given_data()


@pytest.fixture
def judge() -> Any:
    """The course's own `given.judge.Judge`, in this process: a class."""
    with importable(Path(__file__).parent):
        return importlib.import_module("given.judge").Judge


@pytest.fixture
def digits(data: ModuleType) -> tuple[Array, Array]:
    """All images and labels in their stored order, as a notebook reads them."""
    images, labels = data.digits()
    return images, labels


@pytest.fixture
def split_digits(
    data: ModuleType, rng: np.random.Generator
) -> Callable[[], tuple[Array, Array, Array, Array]]:
    """Images and labels to train on, images and labels to judge by; a new split for each call."""

    def split() -> tuple[Array, Array, Array, Array]:
        images, labels = data.digits()
        images, labels = disguised(images, labels, rng)
        order = rng.permutation(len(labels))
        test, train = order[:450], order[450:]
        return images[train], labels[train], images[test], labels[test]

    return split


def disguised(images: Array, labels: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """The same task in other clothes, so that nobody is served by knowing the digits by heart.

    All are turned or mirrored alike, each gray changes by less than half a step, and the classes
    change their names. A network that learns doesn't mind: it starts without a preference for any
    direction or class.
    """
    turned = np.rot90(images, int(rng.integers(4)), axes=(-2, -1))
    turned = np.flip(turned, axis=-1) if rng.integers(2) else turned
    noise = rng.uniform(-0.03, 0.03, size=images.shape)
    return np.clip(turned + noise, 0.0, 1.0), rng.permutation(10)[labels]


@pytest.fixture
def alice(data: ModuleType) -> str:
    """The characters of a book, lower case, with one space wherever there is white space."""
    return " ".join(data.alice().lower().split())


@pytest.fixture
def split_text(rng: np.random.Generator) -> Callable[[int], tuple[list[str], list[str]]]:
    """Rows of so many words to train on, and rows to judge by; a new split for each call."""

    def split(length: int) -> tuple[list[str], list[str]]:
        words = english()
        starts = range(0, len(words) - length + 1, length)
        rows = [" ".join(words[start : start + length]) for start in starts]
        order = rng.permutation(len(rows)).tolist()
        test, train = order[: len(rows) // 3], order[len(rows) // 3 :]
        return [rows[i] for i in train], [rows[i] for i in test]

    return split


@lru_cache(maxsize=1)
def english() -> list[str]:
    """The prose of Python's own documentation: lower-case words and punctuation marks.

    A paragraph that several topics share counts once.
    """
    from pydoc_data.topics import topics

    paragraphs = [text for name in sorted(topics) for text in topics[name].split("\n\n")]
    prose = dict.fromkeys(text for text in paragraphs if text[:1].isupper() and text[-1:] == ".")
    return re.findall(r"[a-z]+|[.,;:()]", " ".join(prose).lower())
