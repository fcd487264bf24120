"""Correct submissions in sixty styles lose no point: no check asks for what no handout promises."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from grader_course import REPOSITORY, options

from autograder.grading import grade
from course.config import load_course

VARIANTS = sorted((REPOSITORY / "tests" / "variants").glob("*/week_*"))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda folder: folder.parent.name)
def test_correct_work_passes_every_check(variant: Path, tmp_path: Path) -> None:
    course = load_course(REPOSITORY)
    week = course.week(int(variant.name.removeprefix("week_")))
    work = tmp_path / "work"
    shutil.copytree(course.solutions / variant.name, work, ignore=shutil.ignore_patterns("checks"))
    (written,) = variant.glob("*.py")
    shutil.copy(written, work)
    chosen = options(modules=(written.stem,))
    record = grade(course, week, work, chosen)
    assert [] == [f"{c.id}: {c.message}" for c in record.checks if c.verdict != "passed"]
    assert record.checks
