"""`autograder doctor` says what is in force by trying it, and doesn't call safe what isn't."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from grader_call import Ended

from autograder.author import doctor
from autograder.author.doctor import Finding
from autograder.sandbox.launch import Launch, Limits, plain

Call = Callable[..., Ended]


def without_sandbox(root: Path, limits: Limits, *_: object) -> Launch:
    return plain(root, limits)


def lines(ended: Ended, word: str) -> list[str]:
    """What stands behind a word, with the lines that it goes on in."""
    joined = ended.out.replace("\n" + " " * 9, " ")
    return [line[9:] for line in joined.splitlines() if line.startswith(word)]


def test_this_machine_is_safe_and_every_attempt_was_refused(call: Call) -> None:
    ended = call("doctor")
    assert 0 == ended.code, ended.out
    assert [] == lines(ended, "missing")
    tried = [line for line in lines(ended, "ok") if line.startswith("a worker tried to ")]
    assert len(tried) == 13
    assert all("refused (E" in line or "refused (MemoryError)" in line for line in tried)
    assert ended.out.endswith("\nGrading others' work is safe on this machine.\n")


def test_it_can_be_read_in_a_pipe_of_80_columns(call: Call) -> None:
    out = call("doctor").out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out


def test_course_is_not_seen_by_the_worker(call: Call) -> None:
    expected = "a worker tried to see the course.toml at hand: refused (ENOENT)"
    assert expected in lines(call("doctor"), "ok")


def test_worker_without_a_sandbox_is_found_out(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.launch, "sandboxed", without_sandbox)
    ended = call("doctor")
    assert 3 == ended.code
    found = lines(ended, "missing")
    for what in ("lock a file", "watch a file", "list /proc", "write to /tmp", "see the course"):
        assert any(f"tried to {what}" in line and "NOT REFUSED" in line for line in found), what
    assert ended.out.endswith("\nGrading others' work is NOT SAFE on this machine.\n")


def test_without_bubblewrap_it_says_what_to_install(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    monkeypatch.setattr(doctor.launch, "unavailable", lambda: "bwrap is not installed: get it")
    ended = call("doctor")
    assert 3 == ended.code
    first, second = lines(ended, "missing")
    assert "sudo apt-get install bubblewrap" in first
    assert second.endswith("bwrap is not installed: get it")
    assert not any("tried" in line for line in lines(ended, "ok"))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import os; os._exit(4)", "the process ended by itself, with status 4"),
        ("raise ValueError('broken')", "ValueError: broken"),
    ],
)
def test_worker_that_does_not_answer_is_a_missing_protection(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, says: str
) -> None:
    (tmp_path / "probe.py").write_text(code)
    monkeypatch.setattr(doctor, "PROBE", tmp_path / "probe.py")
    ended = call("doctor")
    assert 3 == ended.code
    assert [f"a worker starts and answers: {says}"] == lines(ended, "missing")


def test_files_of_a_notebook_without_a_bound_are_found_out(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor.launch, "files_are_bounded", lambda: False)
    ended = call("doctor")
    assert 0 == ended.code
    assert any("so many empty files take memory" in line for line in lines(ended, "optional"))


def test_package_that_is_not_needed_to_be_safe_does_not_fail(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = doctor.metadata.version

    def version(name: str) -> str:
        if name == "torch":
            raise doctor.metadata.PackageNotFoundError
        return known(name)

    monkeypatch.setattr(doctor.metadata, "version", version)
    ended = call("doctor")
    assert 0 == ended.code
    (found,) = [line for line in lines(ended, "optional") if line.startswith("torch")]
    assert found.endswith("make setup-instructor")


@pytest.mark.parametrize(("user", "word"), [(0, "optional"), (1000, "ok")])
def test_root_is_advised_to_be_somebody_else(
    monkeypatch: pytest.MonkeyPatch, user: int, word: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    (found,) = [line for line in map(str, doctor.sandbox()) if "ordinary user" in line]
    assert found.startswith(word)


def test_long_advice_goes_on_below_its_beginning() -> None:
    words = " ".join(["word"] * 40)
    text = str(Finding("something", False, words))
    first, *others = text.splitlines()
    assert first.startswith("missing  something: word")
    assert all(line.startswith(" " * 9 + "word") and len(line) <= 80 for line in others)
