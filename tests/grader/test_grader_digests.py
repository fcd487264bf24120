"""What a verdict depends on is in its hash, and nothing else: one ingredient after the other."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from grader_course import REPOSITORY, options

from autograder.options import Options
from autograder.oracle import expected
from autograder.submission import digests
from autograder.submission.digests import NO_JUDGES, checks_digest
from course.config import Course, load_course

WEEK = 2


@pytest.fixture
def own(whole: Course, tmp_path: Path) -> Iterator[Course]:
    shutil.copytree(whole.root, tmp_path / "course")
    yield load_course(tmp_path / "course")
    forget()


@pytest.fixture
def released(own: Course) -> Course:
    """A student's checkout."""
    shutil.rmtree(own.solutions)
    return load_course(own.root)


def forget() -> None:
    """As a process that was just started."""
    for cached in (digests.code_digest, expected.sources_key, expected.version_of):
        cached.cache_clear()


def digest(course: Course, chosen: Options | None = None) -> str:
    forget()
    course = load_course(course.root)
    return checks_digest(course, course.week(WEEK), chosen or options())


def change(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as text:
        text.write("\n# changed\n")


@pytest.mark.parametrize(
    "name",
    [
        "solutions/given/module.py",
        "solutions/given/digits.npz",
        "solutions/fixtures.py",
        "solutions/oracles/layer.py",
        "solutions/week_1/linear.py",
        "solutions/week_2/conv.py",
        "solutions/week_2/accuracy.toml",
        "solutions/week_2/mistakes.toml",
        "solutions/week_2/checks/test_conv.py",
        "solutions/week_2/checks/another.py",
    ],
)
def test_what_takes_part_in_a_verdict_changes_the_hash(own: Course, name: str) -> None:
    before = digest(own)
    change(own.root / name)
    assert before != digest(own)


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "docs/grading.md",
        "course.toml",  # a comment
        "results/week_2/ada.json",
        "reports/week_2/private/index.html",
        ".cache/oracles.sqlite",
        "solutions/README.md",
        "solutions/given/DATA_LICENSE.md",
        "solutions/given/__pycache__/module.cpython-311.pyc",
        "solutions/week_1/checks/test_linear.py",
        "solutions/week_1/mistakes.toml",
        "solutions/week_2/README.md",
        "solutions/week_3/adam.py",
        "solutions/week_3/checks/test_optim.py",
        "assignments/week_2/conv.py",
    ],
)
def test_what_takes_no_part_leaves_the_hash(own: Course, name: str) -> None:
    before = digest(own)
    change(own.root / name)
    assert before == digest(own)


@pytest.mark.parametrize(
    "name",
    [
        "assignments/given/module.py",
        "assignments/fixtures.py",
        "assignments/week_1/linear.py",
        "assignments/week_2/accuracy.toml",
        *(f"assignments/week_2/checks/{name}" for name in ("expected.npz", "points.json")),
        *(f"assignments/week_2/checks/{name}" for name in ("mistakes.json", "test_conv.py")),
    ],
)
def test_a_students_checkout_depends_on_what_was_released(released: Course, name: str) -> None:
    before = digest(released)
    change(released.root / name)
    assert before != digest(released)


def test_a_students_own_work_is_no_part_of_what_judges_it(released: Course) -> None:
    before = digest(released)
    change(released.assignments / "week_2" / "conv.py")
    assert before == digest(released)


@pytest.mark.parametrize(
    ("old", "new"),
    [("notebook_points = 20", "notebook_points = 30"), ('conv = ["Conv2d"]', 'conv = ["Conv"]')],
)
def test_the_part_of_course_toml_that_counts(own: Course, old: str, new: str) -> None:
    before = digest(own)
    file = own.root / "course.toml"
    text = file.read_text(encoding="utf-8")
    assert 1 == text.count(old)
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert before != digest(own)


@pytest.mark.parametrize(
    "changed",
    [
        {"secret": "another secret"},
        {"public_only": True},
        {"modules": ("conv",)},
        {"notebook": True},
        {"accuracy": True},
        {"explain": True},
        {"first_failure": True},
        {"calibrating": True},
        {"limits": replace(options().limits, check_seconds=1.0)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_options_that_change_a_verdict(whole: Course, changed: dict[str, object]) -> None:
    assert digest(whole) != digest(whole, options(**changed))


def test_a_rehearsal_depends_on_no_secret(whole: Course) -> None:
    one, other = (options(secret=s, public_only=True) for s in ("one", "other"))
    assert digest(whole, one) == digest(whole, other)


@pytest.mark.parametrize("package", ["numpy", "torch"])
def test_versions_of_what_computes(
    whole: Course, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    before = digest(whole)
    real = expected.version_of

    def version_of(name: str) -> str:
        return "another" if name == package else real(name)

    version_of.cache_clear = real.cache_clear  # type: ignore[attr-defined]
    for module in (expected, digests):
        monkeypatch.setattr(module, "version_of", version_of)
    assert before != digest(whole)


def test_version_of_python(whole: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest(whole)
    monkeypatch.setattr(platform, "python_version", lambda: "4.0.0")
    assert before != digest(whole)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the engine, to be changed."""
    shutil.copytree(REPOSITORY / "autograder", tmp_path / "autograder")
    monkeypatch.setattr(digests, "ENGINE", tmp_path / "autograder")
    return tmp_path / "autograder"


@pytest.mark.parametrize(
    "name",
    [
        *("checking/verdicts.py", "parity/arrays.py", "layers/contract.py", "worker/worker.py"),
        *("submission/intake.py", "sandbox/launch.py", "mistakes/explaining.py", "grading.py"),
        *("notebook/running.py", "results.py", "a_new_room/new.py"),
    ],
)
def test_code_that_judges(whole: Course, engine: Path, name: str) -> None:
    before = digest(whole)
    change(engine / name)
    assert before != digest(whole)


@pytest.mark.parametrize(
    "name",
    [
        *("report/html.py", "report/templates/style.css", "author/verify.py", "gradebook/book.py"),
        *("cli/grading.py", "ending.py", "progress.py", "classroom.py", "batch.py"),
    ],
)
def test_code_that_does_not_judge(whole: Course, engine: Path, name: str) -> None:
    before = digest(whole)
    change(engine / name)
    assert before == digest(whole)


def test_what_is_said_not_to_judge_is_there() -> None:
    assert all((REPOSITORY / "autograder" / name).exists() for name in NO_JUDGES)


def test_files_that_did_not_change_are_not_read_again(
    own: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    week, read = own.week(WEEK), Path.read_bytes
    before = checks_digest(own, week, options())
    seen: list[str] = []
    monkeypatch.setattr(Path, "read_bytes", lambda path: seen.append(path.name) or read(path))
    assert (before, []) == (checks_digest(own, week, options()), seen)
    os.utime(own.solutions / "given" / "module.py", (0, 0))
    assert before == checks_digest(own, week, options())
    assert "module.py" in seen
