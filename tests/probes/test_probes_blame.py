"""Whose fault it is that a probe came to no end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.mistakes.changing import replacing
from autograder.options import Options
from autograder.oracle.expected import NoOracle
from autograder.probes.observing import Observation, Observing
from autograder.probes.probe import Probe, Scene
from course.config import load_course

COURSE = load_course(Path(__file__).parents[2])


def observed(run: Callable[[Scene], None]) -> Observation:
    week = COURSE.week(1)
    with replacing(COURSE, week, Options(sandboxed=False)) as (session, _):
        return Observing(COURSE, week, session).run(Probe("ReLU", "a case", run))


def test_an_oracle_that_is_not_there_is_ours() -> None:
    with pytest.raises(NoOracle):
        observed(lambda scene: scene.oracle.of_nothing())


def test_a_value_that_the_probe_was_not_written_for_is_the_submissions() -> None:
    def run(_: Scene) -> None:
        raise TypeError

    assert observed(run).ended
