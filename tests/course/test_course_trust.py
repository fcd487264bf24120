"""Whose checks may run: the engine's own course, a named one, one that was trusted once."""

from __future__ import annotations

from pathlib import Path

import pytest

from course import trust
from course.errors import CourseError
from course.trust import open_course

COURSE = """
[course]
name = "A course"
[weeks.week_1]
title = "Basis"
topics = []
exercise = "compare"
modules = {linear = ["Linear"]}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course that nobody trusted yet; it is the working directory."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    root = tmp_path / "ada"
    (root / "below").mkdir(parents=True)
    (root / "course.toml").write_text(COURSE, encoding="utf-8")
    monkeypatch.chdir(root)
    return root


def test_a_course_that_lies_around_is_refused_with_what_to_do(root: Path) -> None:
    with pytest.raises(CourseError) as caught:
        open_course()
    said = str(caught.value)
    assert all(word in said for word in (str(root), "not trusted", "autograder trust", "--course"))


def test_it_is_refused_before_its_file_is_read(root: Path) -> None:
    (root / "course.toml").write_text("broken", encoding="utf-8")
    with pytest.raises(CourseError, match="not trusted"):
        open_course()


def test_a_course_is_trusted_once_and_from_every_folder_in_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust.trust(root)
    trust.trust(root)
    monkeypatch.chdir(root / "below")
    assert root == open_course().root
    assert [str(root)] == trust.memory().read_text().splitlines()


def test_trust_is_for_a_folder_and_not_for_those_below(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust.trust(root)
    inner = root / "submissions" / "ben"
    inner.mkdir(parents=True)
    (inner / "course.toml").write_text(COURSE, encoding="utf-8")
    monkeypatch.chdir(inner)
    with pytest.raises(CourseError, match="not trusted"):
        open_course()


def test_a_link_is_the_folder_that_it_leads_to(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust.trust(root)
    link = tmp_path / "link"
    link.symlink_to(root)
    monkeypatch.chdir(link)
    assert root == open_course().root


def test_a_named_course_needs_no_trust(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert root == open_course(root).root


def test_the_course_that_the_engine_lies_in_needs_no_trust(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "ENGINE", root)
    assert root == open_course().root


def test_the_working_directory_does_not_say_what_is_trusted(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "config")
    monkeypatch.setenv("HOME", str(root / "nowhere"))
    (root / "config" / "autograder").mkdir(parents=True)
    (root / "config" / "autograder" / "trusted").write_text(f"{root}\n", encoding="utf-8")
    with pytest.raises(CourseError, match="not trusted"):
        open_course()


@pytest.mark.parametrize("name", ["nowhere", "below"])
def test_only_the_folder_of_a_course_is_trusted(root: Path, name: str) -> None:
    with pytest.raises(CourseError, match=r"course\.toml"):
        trust.trust(root / name)
    assert set() == trust.trusted()


def test_a_name_that_is_more_than_a_line_to_python_is_one_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = root.rename(root.with_name("a\x0b\u2028b"))
    for _ in range(2):
        trust.trust(odd)
    assert {odd.resolve()} == trust.trusted()
    monkeypatch.chdir(odd)
    assert odd.resolve() == open_course().root
