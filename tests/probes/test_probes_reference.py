"""What the course's own solutions give for all probes: nothing wrong, and the same twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.mistakes.changing import replacing
from autograder.options import Options
from autograder.probes.findings import same
from autograder.probes.observing import Observing
from autograder.probes.probe import probes_of
from course.config import load_course

COURSE = load_course(Path(__file__).parents[2])
PROBED = [
    (number, module)
    for number in COURSE.written
    for module in COURSE.week(number).modules
    if (COURSE.checks(number) / f"probes_{module}.py").is_file()
]


@pytest.mark.parametrize(("number", "module"), PROBED)
def test_the_reference_has_nothing_wrong(number: int, module: str) -> None:
    week = COURSE.week(number)
    with replacing(COURSE, week, Options(sandboxed=False)) as (session, _):
        observing = Observing(COURSE, week, session)
        probes = probes_of(COURSE, week, module)
        seen, again = observing.observe(probes), observing.observe(probes)
    assert [one.probe.title for one in seen] == [probe.title for probe in probes]
    assert {one.probe.title: one.wrong for one in seen if one.wrong} == {}
    assert same(seen, again)
    subjects = set(week.modules[module])
    assert {probe.subject for probe in probes} <= subjects
