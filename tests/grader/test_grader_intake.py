"""What is taken in of a submission, what is refused and why, and what is noted."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from grader_course import LINEAR, submit

from autograder.options import InputError
from autograder.results import Todo
from autograder.submission import intake
from autograder.submission.finding import NothingFound, find
from autograder.submission.intake import (
    MAX_BYTES,
    Intake,
    Refused,
    as_text,
    read_bytes,
    stage,
    todos,
)
from course.config import Course


def taken_in(course: Course, submission: Path, tmp_path: Path) -> Intake:
    week = course.week(1)
    return stage(course, week, find(submission, week), tmp_path / "staged")


def read_text(path: Path) -> str:
    return as_text(read_bytes(path, MAX_BYTES))


def staged(taken: Intake) -> set[str]:
    return {str(p.relative_to(taken.root)) for p in taken.root.rglob("*") if p.is_file()}


# ---- what is refused ---------------------------------------------------------------------------


def text(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def hard_link(path: Path) -> None:
    path.with_name("other").write_text("x = 1\n")
    path.hardlink_to(path.with_name("other"))


def symbolic_link(path: Path) -> None:
    path.with_name("other").write_text("x = 1\n")
    path.symlink_to("other")


REFUSED = {
    "missing": (lambda path: None, "is missing"),
    "a folder": (Path.mkdir, "is not a regular file"),
    "a FIFO": (os.mkfifo, "is not a regular file"),
    "a link": (symbolic_link, "can't be read: it must be a regular file, not a link"),
    "a dangling link": (lambda path: path.symlink_to("nowhere"), "can't be read"),
    "a hard link": (hard_link, "is a hard link: hand in a copy of the file"),
    "too large": (text(b"#" * (MAX_BYTES + 1)), "is larger than 256 KB"),
    "latin-1": (text(b"# caf\xe9"), r"is not UTF-8 text \(byte 5\): save it as UTF-8"),
    "another encoding than it says": (
        text(b"# coding: ascii\n# caf\xe9"),
        r"is not ascii text \(byte 21\): save it as UTF-8",
    ),
    "an encoding that takes its time": (text(b"# coding: idna\n# caf\xe9"), "is not UTF-8 text"),
    "UTF-16": (text("x = 1".encode("utf-16")), "is not UTF-8 text"),
    "NUL": (text(b"x = 1\0"), "holds a NUL character: it is not Python source"),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
def test_file_that_is_not_plain_text_is_refused(
    make: Callable[[Path], object], reason: str, tmp_path: Path
) -> None:
    make(tmp_path / "linear.py")
    with pytest.raises(Refused, match=reason):
        read_text(tmp_path / "linear.py")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_device_is_refused(device: str) -> None:
    with pytest.raises(Refused, match="regular file"):
        read_text(Path(device))


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_file_that_the_grader_can_not_read_is_no_fault_of_the_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "linear.py").touch()

    def fails(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(intake.os, "open", fails)
    with pytest.raises(InputError, match=r"^linear\.py can't be read: ") as raised:
        read_text(tmp_path / "linear.py")
    assert not isinstance(raised.value, Refused)


@pytest.mark.parametrize("content", ["", "x = 1\n", "\ufeffx = 'é'\r\n", "#" * MAX_BYTES])
def test_text_is_taken_in_as_it_is(content: str, tmp_path: Path) -> None:
    (tmp_path / "linear.py").write_text(content, encoding="utf-8", newline="")
    assert content == read_text(tmp_path / "linear.py")


CODINGS = {
    "latin-1": b"# -*- coding: latin-1 -*-\nx = 'caf\xe9'\n",
    "in the second line": b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = 'caf\xe9'\n",
    "UTF-8": b"# coding: utf-8\nx = 'caf\xc3\xa9'\n",
    "UTF-8 with its mark": b"\xef\xbb\xbfx = 'caf\xc3\xa9'\n",
    "no word of it": b"x = 'caf\xc3\xa9'\n\n# coding: latin-1\n",
}


@pytest.mark.parametrize("source", CODINGS.values(), ids=CODINGS)
def test_file_is_decoded_as_python_does(course: Course, source: bytes, tmp_path: Path) -> None:
    submission = submit(tmp_path / "ada", "")
    (submission / "linear.py").write_bytes(source)
    taken = taken_in(course, submission, tmp_path)
    assert {} == taken.refused
    assert "'café'" in as_text(source)
    names: dict[str, str] = {}
    staged = (taken.root / "week_1" / "linear.py").read_bytes()
    exec(compile(staged, "linear.py", "exec"), names)
    assert "café" == names["x"]


def test_refused_file_is_kept_out_and_named(course: Course, tmp_path: Path) -> None:
    submission = submit(tmp_path / "ada", "")
    (submission / "linear.py").write_bytes(b"\xff")
    taken = taken_in(course, submission, tmp_path)
    reason = "week_1/linear.py is not UTF-8 text (byte 0): save it as UTF-8"
    assert {"linear": reason} == taken.refused
    assert [f"{reason}; its checks count as not passed"] == taken.notes
    assert "week_1/linear.py" not in staged(taken)


# ---- what is taken in --------------------------------------------------------------------------


def test_worker_gets_the_listed_files_and_the_given_code_alone(
    course: Course, tmp_path: Path
) -> None:
    submission = submit(tmp_path / "ada", LINEAR)
    for name in ("helpers.py", "conftest.py", "notes.txt", "__init__.py"):
        (submission / name).write_text("raise SystemExit\n")
    (submission / "given").mkdir()
    taken = taken_in(course, submission, tmp_path)
    given = {f"given/{path.name}" for path in (course.solutions / "given").glob("*.py")}
    assert given | {"week_1/__init__.py", "week_1/linear.py"} == staged(taken)
    assert "" == (taken.root / "week_1" / "__init__.py").read_text()
    note = "not graded, and not there to import: conftest.py, helpers.py; the week's files are "
    assert [note + "linear.py"] == taken.notes


def test_linked_folder_of_the_week_is_not_followed(course: Course, tmp_path: Path) -> None:
    submit(tmp_path / "elsewhere", LINEAR)
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "week_1").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NothingFound, match=r"saw week_1 \(a link\)"):
        taken_in(course, tmp_path / "ada", tmp_path)


def test_many_additional_files_make_a_short_note(course: Course, tmp_path: Path) -> None:
    submission = submit(tmp_path / "ada", LINEAR)
    for number in range(50):
        (submission / f"{number:02}{'x' * 100}\x1b[2J.py").touch()
    note = taken_in(course, submission, tmp_path).notes[0]
    assert " and 45 more; " in note
    assert len(note) < 600
    assert note.isprintable()


# ---- digests -----------------------------------------------------------------------------------


def test_digest_tells_apart_whatever_changes_a_verdict(course: Course, tmp_path: Path) -> None:
    digests = []
    for number, linear in enumerate((LINEAR, LINEAR + "\n", LINEAR.replace("\n", "\r\n"))):
        submission = tmp_path / str(number)
        submission.mkdir()
        (submission / "linear.py").write_text(linear, encoding="utf-8", newline="")
        digests.append(taken_in(course, submission, tmp_path / f"to {number}").digest)
    none = tmp_path / "none"
    none.mkdir()
    (none / "exercise.ipynb").touch()
    digests.append(taken_in(course, none, tmp_path / "to none").digest)
    assert 4 == len(set(digests))


def test_digest_does_not_depend_on_what_is_not_graded(course: Course, tmp_path: Path) -> None:
    one = submit(tmp_path / "one", LINEAR)
    other = submit(tmp_path / "other" / "week_1", LINEAR)
    (other / "notes.py").touch()
    digests = [
        taken_in(course, folder, tmp_path / f"to {folder.name}").digest for folder in (one, other)
    ]
    assert digests[0] == digests[1]


# ---- what is still to be done ------------------------------------------------------------------

STUB = """\
class Linear:
    def forward(self, x):
        # TODO multiply, and add
        raise NotImplementedError("week_1/linear.py: Linear.forward")

    def backward(self, grad_out):
        raise NotImplementedError("week_1/linear.py: Linear.backward")

    def other(self):
        raise NotImplementedError
"""


def test_stubs_are_listed_with_file_line_and_words() -> None:
    assert [
        Todo("week_1/linear.py", 4, "Linear.forward", "multiply, and add"),
        Todo("week_1/linear.py", 7, "Linear.backward", ""),
    ] == todos(STUB)
    assert [] == todos(LINEAR)


def test_words_of_a_stub_are_cleaned_and_capped() -> None:
    found = todos(STUB.replace("multiply", "\x1b[31m" + "x" * 1000))
    assert found[0].text.isprintable()
    assert 300 == len(found[0].text)
