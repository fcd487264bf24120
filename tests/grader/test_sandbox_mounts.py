"""What of the host can be seen in the sandbox, whatever kind of Python the grader runs on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from grader_course import LINEAR, POINTS, SECRET, build, options, submit

from autograder.grading import grade
from autograder.sandbox import launch as sandbox
from autograder.sandbox import mounts as sandbox_mounts
from autograder.sandbox.launch import Launch, Limits, sandboxed, unavailable
from autograder.sandbox.mounts import mounts
from course.config import Course


def shown(options: list[str]) -> list[Path]:
    return [Path(options[i + 2]) for i, word in enumerate(options) if word.startswith("--ro-bind")]


def hidden(options: list[str]) -> list[Path]:
    return [Path(options[i + 1]) for i, word in enumerate(options) if word == "--tmpfs"]


@pytest.fixture
def conda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An interpreter that is installed beside other environments, and the course below it."""
    base = tmp_path / "conda"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for name in (f"lib/{version}/site-packages", "envs/torch", "pkgs", "course/autograder", "bin"):
        (base / name).mkdir(parents=True)
    monkeypatch.setattr(sys, "base_prefix", str(base))
    return base


def test_other_environments_and_the_course_are_hidden(conda: Path) -> None:
    options = mounts(conda / "bin" / "python3", [conda / "course"])
    assert conda in shown(options)
    found = {path.relative_to(conda) for path in hidden(options) if path.is_relative_to(conda)}
    assert {Path("envs"), Path("pkgs"), Path("course")} < found
    assert any(path.name == "site-packages" for path in found)


def test_virtual_environment_that_holds_a_copy_of_python_shows_no_packages(
    conda: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(sys.prefix)  # its interpreter isn't a link: all of it is shown
    options = mounts(copy / "bin" / "python3", [])
    packages = [path for path in hidden(options) if path.is_relative_to(copy)]
    assert copy in shown(options)
    assert packages
    assert all(path.name == "site-packages" for path in packages)


LOOKS_AROUND = """
import os
wanted = {"course.toml", ".course-secret", "mistakes.toml", "accuracy.toml", "layer.py",
          "fixtures.py", "test_linear.py", "worker.py"}
found = []
for folder, _, files in os.walk(@BASE@):
    found += [os.path.join(folder, name) for name in files if name in wanted]
found += [place for place in (@COURSE@,) if os.path.isdir(place) and os.listdir(place)]
assert not found, found
"""


@pytest.fixture
def beside_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Course, Path]:
    """A course in the folder of the interpreter, which a worker sees, and who looks for it."""
    base = tmp_path / "python"
    course = build(base / "course")
    (course.root / ".course-secret").write_text(SECRET)
    for name in ("mistakes.toml", "accuracy.toml"):
        (course.root / "solutions" / "week_1" / name).touch()
    monkeypatch.setattr(sys, "base_prefix", str(base))
    code = LOOKS_AROUND.replace("@BASE@", repr(str(base)))
    code = code.replace("@COURSE@", repr(str(course.root)))
    return course, submit(tmp_path / "ada", LINEAR + code)


def test_course_its_checks_its_oracles_and_its_secret_cannot_be_seen(
    beside_python: tuple[Course, Path],
) -> None:
    course, ada = beside_python
    record = grade(course, course.week(1), ada, options(sandboxed=True))
    assert POINTS == record.score, record.checks[0].message


def test_they_would_be_seen_if_the_course_were_not_hidden(
    beside_python: tuple[Course, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    course, ada = beside_python
    monkeypatch.setattr(sandbox_mounts, "masked", lambda *_: [])
    message = grade(course, course.week(1), ada, options(sandboxed=True)).checks[0].message
    seen = ("course.toml", ".course-secret", "mistakes.toml", "layer.py", "test_linear.py")
    assert [] == [name for name in seen if name not in message]


def test_nothing_is_hidden_twice(conda: Path) -> None:
    (conda / "course" / "envs").mkdir()
    found = hidden(mounts(conda / "bin" / "python3", [conda / "course", conda / "course/envs"]))
    assert not [path for path in found if set(path.parents) & set(found) - {Path("/tmp")}]


def test_what_is_hidden_cannot_be_written_to() -> None:
    options = mounts(Path(sys.executable).resolve(), [])
    for place, word in enumerate(options):
        if word == "--tmpfs" and options[place + 1] != "/tmp":
            assert ["--remount-ro", options[place + 1]] == options[place + 2 : place + 4]


def options_of(launch: Launch) -> list[str]:
    """What bubblewrap is told, which goes to it through the last of the descriptors."""
    data = os.pread(launch.descriptors[-1], 1 << 20, 0)
    launch.close()
    return data.decode().split("\0")


@pytest.mark.parametrize(
    ("packages", "bounded", "expected"),
    [
        ((), True, ["--dir", "/tmp"]),
        (("six.py",), True, ["--bind", "/sys", "/tmp"]),
        (("six.py",), False, ["--size", str(sandbox.TMP_BYTES), "--tmpfs", "/tmp"]),
    ],
)
def test_own_tmp_lies_below_what_is_shown_of_the_hosts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    packages: tuple[str, ...],
    bounded: bool,
    expected: list[str],
) -> None:
    monkeypatch.setattr(sandbox, "files_are_bounded", lambda: bounded)
    launch = sandboxed(tmp_path, Limits(), packages)
    assert bool(packages and bounded) == ("unshare" in launch.command)
    options = options_of(launch)
    first = options.index(expected[0])
    assert expected == options[first : first + len(expected)]
    shown_at = [place for place, word in enumerate(options) if word == "--ro-bind"]
    assert first < shown_at[0]


def test_command_line_and_environment_tell_nothing(tmp_path: Path) -> None:
    assert "" == unavailable()
    launch = sandboxed(tmp_path / "someone", Limits())
    assert {} == launch.environment
    assert "someone" not in " ".join(launch.command)
    options = b"".join(os.pread(fd, 1 << 20, 0) for fd in launch.descriptors)
    launch.close()
    assert b"someone" in options


@pytest.mark.parametrize("needed", ["--unshare-all", "--disable-userns", "--die-with-parent"])
def test_isolation_is_asked_for(needed: str) -> None:
    assert needed in sandbox.ISOLATION
