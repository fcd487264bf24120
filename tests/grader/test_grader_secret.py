"""The course secret: made once, readable by its owner, and nowhere else."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder import secret
from autograder.secret import FILE, create, load, seed
from course.errors import CourseError


def test_secret_is_made_on_first_use_and_then_kept(tmp_path: Path) -> None:
    first = load(tmp_path)
    assert 64 == len(first)
    assert first == load(tmp_path)
    assert [FILE] == [path.name for path in tmp_path.iterdir()]


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        load(tmp_path)
    finally:
        os.umask(before)
    assert 0o600 == stat.S_IMODE((tmp_path / FILE).stat().st_mode)


def test_secret_is_made_once_by_many_at_the_same_time(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as executor:
        found = set(executor.map(load, [tmp_path] * 64))
    assert 1 == len(found)
    assert [FILE] == [path.name for path in tmp_path.iterdir()]


def test_second_one_to_make_it_takes_the_first_ones(tmp_path: Path) -> None:
    first = load(tmp_path)
    create(tmp_path / FILE)
    assert first == load(tmp_path)


def test_secret_is_in_no_environment_variable(tmp_path: Path) -> None:
    assert load(tmp_path) not in "".join(os.environ.values())


@pytest.mark.parametrize("content", ["", "\n", "short\n"])
def test_file_without_a_secret_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(CourseError, match=r"\.course-secret holds no secret. Delete it"):
        load(tmp_path)


def test_full_disk_leaves_no_half_written_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(secret.os, "fdopen", full)
        with pytest.raises(OSError, match="No space left"):
            load(tmp_path)
    assert [] == list(tmp_path.iterdir())
    assert 64 == len(load(tmp_path))


def test_seed_depends_on_the_secret_and_the_check() -> None:
    seeds = {seed(s, check) for s in ("", "a", "b") for check in ("1/x", "1/y", "2/x")}
    assert 9 == len(seeds)
    assert all(0 <= number < 1 << 63 for number in seeds)
    assert seed("a", "1/x") == seed("a", "1/x")
