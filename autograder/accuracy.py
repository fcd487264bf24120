"""Models trained in the worker and judged here: labels of the test set never leave this process."""

from __future__ import annotations

import importlib
import math
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
    losses: list[float] = field(default_factory=list)

    def digits(self) -> tuple[Array, Array, Array, Array]:
        """Images and labels to train on, images and labels to judge by; a split of its own."""
        data = given_data(self.course.source)
        images, labels = data.digits()
        order = self.rng.permutation(len(labels))
        test, train = order[:450], order[450:]
        return images[train], labels[train], images[test], labels[test]

    def generator(self) -> Any:
        """A random generator in the worker, seeded by the check's own."""
        return generator(self.session, int(self.rng.integers(1 << 31)))

    def fit(self, model: Remote, loss: Remote, x: Array, y: Array, **options: Any) -> None:
        """Train in the worker with `given.training.fit`; keeps the loss of each epoch."""
        fit = Function(self.session, "given.training", ("fit",))
        history = fit(model, loss, x, y, rng=self.generator(), **options)
        self.losses = numbers(history)
        lines = {"this submission": self.losses}
        if self.entry and self.entry.losses:
            lines["reference"] = list(self.entry.losses)
        self.result.pictures.append(Curves("Loss while training", lines))

    def accuracy(self, model: Remote, x: Array, labels: Array) -> float:
        """The share of images whose largest output is at the right class, counted here.

        Outputs that are no array of the right shape, or not finite, count as wrong.
        """
        outputs = Function(self.session, "given.training", ("predict",))(model, x)
        if not isinstance(outputs, np.ndarray) or outputs.ndim != 2 or len(outputs) != len(labels):
            self.parity.holds(
                "outputs", False, f"expected an array (N, K), got {describe(outputs)}"
            )
            return 0.0
        right = np.isfinite(outputs).all(axis=1) & (outputs.argmax(axis=1) == labels)
        return float(right.mean())

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
            f"{what} {value:.3f}; at least {wanted:.3f} is needed, the reference has {usual:.3f}"
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


@lru_cache(maxsize=4)
def given_data(source: Path) -> ModuleType:
    """The course's own `given.data`, with its data files: the worker's copy has none."""
    sys.path.insert(0, str(source))
    try:
        return importlib.import_module("given.data")
    finally:
        sys.path.remove(str(source))
