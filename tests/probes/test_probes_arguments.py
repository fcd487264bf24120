"""What the solution gives without an argument, and when that explains nothing."""

from __future__ import annotations

import numpy as np

from autograder.mistakes.evidence import Evidence
from autograder.parity.compare import ACCEPTED
from autograder.probes.arguments import computed, repeats, shows
from autograder.probes.observing import EXCEPTION

ONE, TWO = np.array([1.0, 2.0]), np.array([3.0, 4.0])
RAISED = np.array("TypeError in make")


def test_what_draws_something_is_another_each_time() -> None:
    assert repeats({"a": ONE}, {"a": ONE * (1 + 1e-12)})
    assert not repeats({"a": ONE}, {"a": TWO})
    assert not repeats({"a": ONE}, {"a": ONE, "b": TWO})


def test_an_exception_alone_shows_nothing() -> None:
    raised: Evidence = {title: {EXCEPTION: RAISED} for title in "abc"}
    assert not shows(raised)
    assert not shows(raised | {"d": {"output": ONE}})
    assert shows(raised | {"d": {"output": ONE}, "e": {"output": TWO, EXCEPTION: RAISED}})


def test_who_ignores_an_argument_may_have_looked_at_it_before() -> None:
    accepted = np.array(f"a stride of 0{ACCEPTED}an error")
    seen: Evidence = {"a": {"a stride of 0": accepted}, "b": {"output": ONE, "x": accepted}}
    assert computed(seen) == {"b": {"output": ONE}}
