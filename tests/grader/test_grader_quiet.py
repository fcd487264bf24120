"""A check that NumPy doesn't warn leaves the worker as it was, where it is still there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.layers.contract import Contract
from autograder.parity.compare import Parity
from autograder.sandbox.process import WorkerTimeout
from autograder.sandbox.protocol import Raised
from autograder.sandbox.session import StudentError


class Settings:
    """Stands for the worker: how NumPy is set there, change by change."""

    def __init__(self) -> None:
        self.over: list[str] = []

    def call(self, path: str, **options: Any) -> None:
        assert "numpy.seterr" == path
        self.over.append(options["over"])


@pytest.mark.parametrize(
    ("error", "settings", "message"),
    [
        (None, ["raise", "warn"], None),
        (StudentError(Raised(0, ["ValueError"], "no", [])), ["raise", "warn"], None),
        (
            StudentError(Raised(0, ["FloatingPointError"], "overflow", [])),
            ["raise", "warn"],
            "forward: NumPy warns of: overflow",
        ),
        (WorkerTimeout(), ["raise"], None),  # the process is gone, with its settings
    ],
)
def test_numpys_warnings_are_put_back(
    error: Exception | None, settings: list[str], message: str | None
) -> None:
    worker, parity = Settings(), Parity()
    unused: Any = None
    the_worker: Any = worker  # of a RemoteWorker it has what is asked for
    contract = Contract(unused, the_worker, np.random.default_rng(0), unused, parity)

    def forward() -> None:
        if error is not None:
            raise error

    if error is None or message is not None:
        contract.quiet("forward", forward)
    else:
        with pytest.raises(type(error)):
            contract.quiet("forward", forward)
    assert settings == worker.over
    assert [message] * (message is not None) == [c.message for c in parity.comparisons]
