"""Models trained in the worker and judged here: labels of the test set never leave this process."""

from __future__ import annotations

import importlib
import math
import re
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.parity import Parity, describe
from autograder.remote import Function, Remote, generator
from autograder.results import CheckResult, Comparison, Curves
from autograder.session import Session
from course.config import Accuracy, Course

Array = NDArray[Any]


class NotCalibrated(Exception):
    """course.toml holds no threshold for an accuracy check."""


@dataclass
class Training:
    """What an accuracy check needs: data, seeded generators, fitting, and a verdict."""

    course: Course
    session: Session
    rng: np.random.Generator
    result: CheckResult
    entry: Accuracy | None
    parity: Parity
    calibrating: bool = False
    measured: float | None = None  # what the check measured, for calibration
    losses: list[float] = field(default_factory=list)  # of the model that was fitted last
    lines: dict[str, list[float]] = field(default_factory=dict)  # of every model, by its name

    def digits(self) -> tuple[Array, Array, Array, Array]:
        """Images and labels to train on, images and labels to judge by; a split of its own."""
        data = given_data(self.course.source)
        images, labels = data.digits()
        order = self.rng.permutation(len(labels))
        test, train = order[:450], order[450:]
        return images[train], labels[train], images[test], labels[test]

    def text(self, length: int) -> tuple[list[str], list[str]]:
        """Rows of `length` words to train on, and rows to judge by; a split of its own."""
        words = english()
        starts = range(0, len(words) - length + 1, length)
        rows = [" ".join(words[start : start + length]) for start in starts]
        order = self.rng.permutation(len(rows)).tolist()
        test, train = order[: len(rows) // 3], order[len(rows) // 3 :]
        return [rows[i] for i in train], [rows[i] for i in test]

    def generator(self) -> Any:
        """A random generator in the worker, seeded by the check's own."""
        return generator(self.session, int(self.rng.integers(1 << 31)))

    def fit(
        self,
        model: Remote,
        loss: Remote,
        x: Array,
        y: Array,
        *,
        name: str = "this submission",
        **options: Any,
    ) -> None:
        """Train in the worker with `given.training.fit`; keeps the loss of each epoch.

        Args:
            name: of the model's line in the picture, which shows all models of the check.
        """
        fit = Function(self.session, "given.training", ("fit",))
        history = fit(model, loss, x, y, rng=self.generator(), **options)
        self.losses = self.lines[name] = numbers(history)
        lines = dict(self.lines)
        if self.entry and self.entry.losses:
            lines["reference"] = list(self.entry.losses)
        others = [picture for picture in self.result.pictures if not isinstance(picture, Curves)]
        self.result.pictures[:] = [*others, Curves("Loss while training", lines)]

    def outputs(self, model: Remote, x: Array, labels: Array) -> Array | None:
        """A row of K numbers for each label, in evaluation mode; None if it's something else."""
        outputs = Function(self.session, "given.training", ("predict",))(model, x)
        is_array = isinstance(outputs, np.ndarray) and outputs.dtype.kind == "f"
        if is_array and outputs.size > 0 and outputs.shape[:-1] == labels.shape:
            return outputs.astype(np.float64)  # type: ignore[no-any-return]
        message = f"expected an array {(*labels.shape, 'K')}, got {describe(outputs)}"
        self.parity.holds("outputs", False, message)
        return None

    def accuracy(self, model: Remote, x: Array, labels: Array) -> float:
        """The share of labels whose largest output is at the right class, counted here.

        Outputs that are no array of the right shape, or not finite, count as wrong.
        """
        outputs = self.outputs(model, x, labels)
        if outputs is None:
            return 0.0
        right = np.isfinite(outputs).all(axis=-1) & (outputs.argmax(axis=-1) == labels)
        return float(right.mean())

    def cross_entropy(self, model: Remote, x: Array, labels: Array) -> float:
        """The mean of -log softmax(outputs) at the right class, counted here; at most 100 each.

        Outputs that are no array of the right shape, or not finite, count as 100.
        """
        outputs = self.outputs(model, x, labels)
        if outputs is None or outputs.shape[-1] <= labels.max():
            return 100.0
        with np.errstate(all="ignore"):
            shifted = outputs - outputs.max(axis=-1, keepdims=True)
            log_sums = np.log(np.exp(shifted).sum(axis=-1))
            losses = log_sums - np.take_along_axis(shifted, labels[..., None], axis=-1)[..., 0]
        return float(np.nan_to_num(losses, nan=100.0, posinf=100.0).clip(0, 100).mean())

    def reaches(self, what: str, value: float) -> None:
        """The measured value must reach the calibrated threshold (more is better).

        Raises:
            NotCalibrated: course.toml holds none.
        """
        self.measured = value
        if self.calibrating:
            self.parity.holds(what, True, "")
            return
        if self.entry is None:
            raise NotCalibrated(
                "course.toml has no threshold for this check: run `autograder calibrate`"
            )
        wanted, usual = self.entry.threshold, self.entry.mean
        message = (
            f"{what}: {value:.3f}; at least {wanted:.3f} is needed, the reference has {usual:.3f}"
        )
        passed = value >= wanted
        self.parity.add(
            Comparison(
                what,
                passed,
                "" if passed else "values",
                message,
                expected_value=wanted,
                got_value=value,
            ),
            value,
        )


def numbers(history: Any) -> list[float]:
    """The loss of each epoch, from whatever the worker returned as the history."""
    losses = history.get("loss") if isinstance(history, dict) else history
    if not isinstance(losses, list):
        return []
    return [float(x) for x in losses[:1000] if isinstance(x, (int, float)) and math.isfinite(x)]


@lru_cache(maxsize=1)
def english() -> list[str]:
    """The prose of Python's own documentation: lower-case words and punctuation marks.

    A paragraph that several topics share counts once.
    """
    from pydoc_data.topics import topics

    paragraphs = [text for name in sorted(topics) for text in topics[name].split("\n\n")]
    prose = dict.fromkeys(text for text in paragraphs if text[:1].isupper() and text[-1:] == ".")
    return re.findall(r"[a-z]+|[.,;:()]", " ".join(prose).lower())


@lru_cache(maxsize=4)
def given_data(source: Path) -> ModuleType:
    """The course's own `given.data`, with its data files: the worker's copy has none."""
    sys.path.insert(0, str(source))
    try:
        return importlib.import_module("given.data")
    finally:
        sys.path.remove(str(source))
