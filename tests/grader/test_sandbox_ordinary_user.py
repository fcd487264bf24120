"""Containment does not rest on who runs the grader: an ordinary user, not only root."""

from __future__ import annotations

import pytest
from grader_cases import CASES
from grader_corpus import Case
from grader_course import weight
from grader_run import Outcome

pytestmark = pytest.mark.xdist_group("contained")  # one batch, graded once

CONTAINED = [case for case in CASES if case.contained]


def test_the_grader_ran_without_powers(contained: Outcome) -> None:
    assert 0 != contained.user


@pytest.mark.parametrize("case", CONTAINED, ids=lambda case: case.name)
def test_submission_is_contained(case: Case, contained: Outcome) -> None:
    record = contained.records[case.name]
    assert case.weight == weight(record)
    assert case.verdict == record.checks[0].verdict
    assert case.says in record.checks[0].message
    assert record.complete


def test_nothing_is_left(contained: Outcome) -> None:
    assert [] == contained.survivors
    assert [] == contained.left
    assert {case.name for case in CONTAINED} <= contained.records.keys()
