"""Models trained in the worker and judged here: labels of the test set never leave this process."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from autograder.checking.threshold import Threshold
from autograder.parity.compare import Parity
from autograder.results import CheckResult, Curves
from autograder.sandbox.remote import Remote
from autograder.sandbox.remote_worker import RemoteWorker

Array = NDArray[Any]


class Training(msgspec.Struct):
    """What an accuracy check needs: seeded generators, fitting, and a verdict."""

    worker: RemoteWorker
    rng: np.random.Generator
    result: CheckResult
    parity: Parity
    threshold: Threshold
    lines: dict[str, list[float]] = {}  # of every model, by its name

    def generator(self) -> Any:
        """A random generator in the worker, seeded by the check's own."""
        return self.worker.generator(int(self.rng.integers(1 << 31)))

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
        rng = self.generator()
        history = self.worker.call("given.training.fit", model, loss, x, y, rng=rng, **options)
        self.draw(name, history)

    def draw(self, name: str, history: Any) -> None:
        """Show the losses of a training in the picture, and keep them for the calibration.

        Args:
            history: a list of losses, or a dictionary with one as "loss"; anything else is empty.
        """
        self.threshold.losses = self.lines[name] = numbers(history)
        lines = dict(self.lines)
        reference = self.threshold.calibrated
        if reference and reference.losses:
            lines["reference"] = list(reference.losses)
        others = [picture for picture in self.result.pictures if not isinstance(picture, Curves)]
        self.result.pictures[:] = [*others, Curves("Loss while training", lines)]

    def outputs(self, model: Remote, x: Array, labels: Array) -> Array | None:
        """A row of K numbers for each label, in evaluation mode; None if it's something else."""
        outputs = self.worker.call("given.training.predict", model, x)
        is_array = isinstance(outputs, np.ndarray) and outputs.dtype.kind == "f"
        if is_array and outputs.size > 0 and outputs.shape[:-1] == labels.shape:
            return outputs.astype(np.float64)  # type: ignore[no-any-return]
        message = f"expected an array {(*labels.shape, 'K')}, got {self.parity.describe(outputs)}"
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
        """The measured value must reach the calibrated threshold (more is better)."""
        self.threshold.reaches(what, value)


def numbers(history: Any) -> list[float]:
    """The loss of each epoch, from whatever the worker returned as the history."""
    losses = history.get("loss") if isinstance(history, dict) else history
    if not isinstance(losses, list):
        return []
    return [float(x) for x in losses[:1000] if isinstance(x, (int, float)) and math.isfinite(x)]
