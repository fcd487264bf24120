"""A small course for every test, and one run of the whole corpus."""

from __future__ import annotations

import shutil

import corpus_endings
import corpus_escapes
import corpus_files
import corpus_forgeries
import corpus_resources
import pytest
from grader_corpus import BASELINES
from grader_course import LINEAR, REPOSITORY, build, graded
from grader_run import Outcome, run

from course.config import Course, load_course

CASES = (
    *BASELINES,
    *corpus_endings.CASES,
    *corpus_escapes.CASES,
    *corpus_files.CASES,
    *corpus_forgeries.CASES,
    *corpus_resources.CASES,
)


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course of one week with one class, whose expected values are cached."""
    course = build(tmp_path_factory.mktemp("grader") / "course")
    graded(course, tmp_path_factory.mktemp("submission"), LINEAR)
    return course


@pytest.fixture(scope="session")
def corpus(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The whole corpus, graded in one batch by whoever runs the tests."""
    return run(tmp_path_factory.mktemp("corpus") / "run", course, CASES)


@pytest.fixture(scope="session")
def contained(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The submissions that take and break out, graded by an ordinary user."""
    cases = [case for case in CASES if case.contained]
    return run(tmp_path_factory.mktemp("contained") / "run", course, cases, ordinary=True)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A copy of the whole course: what a run leaves in it doesn't show in the repository."""
    root = tmp_path_factory.mktemp("whole") / "course"
    for name in ("solutions", "assignments", "autograder/checks"):
        shutil.copytree(
            REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".cache")
        )
    for name in ("course.toml", ".gitignore"):
        shutil.copy(REPOSITORY / name, root)
    return load_course(root)
