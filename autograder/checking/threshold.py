"""A measured value against the calibrated threshold of its check."""

from __future__ import annotations

import msgspec

from autograder.parity.compare import Parity
from autograder.results import Comparison
from course.accuracy import Accuracy


class NotCalibrated(Exception):
    """accuracy.toml holds no threshold for an accuracy check."""


class Threshold(msgspec.Struct):
    """What a check measures, held to what the reference reaches."""

    calibrated: Accuracy | None
    parity: Parity
    calibrating: bool = False
    measured: float | None = None
    losses: list[float] = []  # while training, for the calibration

    @property
    def nearly(self) -> bool:
        """Whether what was measured misses the threshold by less than the reference clears it."""
        if self.measured is None or self.calibrated is None:
            return False
        wanted = self.calibrated.threshold
        return wanted - self.calibrated.margin <= self.measured < wanted

    def reaches(self, what: str, value: float) -> None:
        """The measured value must reach the calibrated threshold (more is better).

        Raises:
            NotCalibrated: there is none.
        """
        self.measured = value
        if self.calibrating:
            self.parity.holds(what, True, "")
            return
        if self.calibrated is None:
            raise NotCalibrated("there is no threshold for this check: run `autograder calibrate`")
        wanted, usual = self.calibrated.threshold, self.calibrated.mean
        passed = value >= wanted
        comparison = Comparison(
            what,
            passed,
            "" if passed else "values",
            f"{what}: {value:.3f}; at least {wanted:.3f} is needed, the reference has {usual:.3f}",
            expected_value=wanted,
            got_value=value,
        )
        self.parity.add(comparison, value)
