"""How large a case is for its reader."""

from __future__ import annotations

import numpy as np

from autograder.probes.examples import numbers
from autograder.probes.observing import Observation
from autograder.probes.probe import Probe
from autograder.replay.steps import Step
from autograder.results import Comparison
from autograder.sandbox.protocol import Request


def test_what_is_asked_behind_a_comparison_makes_no_case_larger() -> None:
    seen = Observation(Probe("Layer", "a case", lambda _: None))
    seen.comparisons = [Comparison("output", False), Comparison("gradient", False)]
    for compared, size in ((0, 3), (1, 4), (2, 100)):
        step = Step(Request(0, "call"), [np.zeros(size)], None, compared)
        seen.steps.append(step)
    assert numbers(seen, "output") == 3
    assert numbers(seen, "gradient") == 7
