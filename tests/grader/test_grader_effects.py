"""What a mistake does is found by one run of it, and found again for as long as nothing changes."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from grader_course import GENEROUS, LINEAR, REPOSITORY, SECRET, graded, named, options
from grader_pool import in_this_process

from autograder.author.expected import write_expected
from autograder.author.verify import verify
from autograder.mistakes import effects as module
from autograder.mistakes import keys as keys_module
from autograder.mistakes import spreading
from autograder.mistakes.effects import CHECKS, Effect, effects
from autograder.mistakes.keys import Keys, Part
from autograder.submission.digests import code_digest
from course import catalogue
from course.config import Course, load_course

CATALOGUE = """
[[mistake]]
id = "linear-bias-subtracted"
where = "linear.py: Linear.forward"
replace = "y += self.bias.data"
with = "y -= self.bias.data"
hint = "The bias is added."
checks = ["test_linear_forward"]

[[mistake]]
id = "linear-float64"
where = "linear.py: Linear.forward"
replace = "y += self.bias.data"
with = "y = (y + self.bias.data).astype(float)"
hint = "float32 in, float32 out."
checks = ["test_linear_float32"]
"""
OTHER = "solutions/week_1/other.py"


@pytest.fixture
def own(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of the course with two mistakes and a second module; all is done in this process."""
    monkeypatch.setattr(spreading, "pool", in_this_process)
    root = tmp_path / "course"
    shutil.copytree(course.root, root)
    (root / ".course-secret").write_text(SECRET)
    (root / "solutions/week_1/mistakes.toml").write_text(CATALOGUE)
    (root / OTHER).write_text("class Other: pass\n")
    file = root / "course.toml"
    file.write_text(file.read_text().replace('["Linear"]', '["Linear"], other = ["Other"]'))
    return load_course(root)


@pytest.fixture
def runs(own: Course, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the mistakes that were run."""
    ran, original = [], module.run_mistake

    def run(*arguments: Any) -> Any:
        ran.append(arguments[3].id)
        return original(*arguments)

    monkeypatch.setattr(module, "run_mistake", run)
    return ran


def found(course: Course, parts: Collection[Part] = CHECKS, **changes: Any) -> dict[str, Effect]:
    week = course.week(1)
    wanted = dict.fromkeys(catalogue.load(course, week), parts)
    return effects(course, week, wanted, options(**changes))


def test_one_run_serves_the_proof_and_the_hints_and_another_the_release(
    own: Course, runs: list[str], tmp_path: Path
) -> None:
    for _ in range(2):
        write_expected(own, own.week(1), tmp_path)
        assert ["linear-bias-subtracted", "linear-float64"] == runs
    proof = {finding.what.split()[0]: finding for finding in verify(own, own.week(1))}
    assert () == proof["each"].problems
    wrong = LINEAR.replace("y += self.bias.data", "y = y - self.bias.data")
    record = graded(own, tmp_path / "ada", wrong, explain=True)
    assert "The bias is added." == named(record, "test_linear_forward").hint
    record = graded(own, tmp_path / "ada", wrong, explain=True, public_only=True)
    assert "The bias is added." == named(record, "test_linear_forward").hint
    assert 4 == len(runs)


def test_effect_holds_every_verdict_and_what_was_wrong(own: Course) -> None:
    for _ in range(2):  # run, then cached
        effect = found(own)["linear-float64"]
        assert 15 == len(effect.verdicts)
        failed = {check for check, verdict in effect.verdicts.items() if verdict == "failed"}
        assert "test_linear.py::test_linear_float32" in failed
        assert failed == effect.evidence.keys()
        public = found(own, [Part.PUBLIC])["linear-float64"]
        assert "test_linear.py::test_linear_float32" not in public.verdicts


def test_another_secret_changes_all_but_the_rehearsal(own: Course, runs: list[str]) -> None:
    found(own)
    found(own, [Part.REHEARSAL])
    assert 4 == len(runs)
    found(own, [Part.REHEARSAL], secret="another secret")
    assert 4 == len(runs)
    found(own, [Part.PUBLIC], secret="another secret")
    assert 6 == len(runs)
    found(own, [Part.HIDDEN], secret="another secret")
    assert 6 == len(runs)


@pytest.mark.parametrize(
    ("file", "again"),
    [
        ("solutions/week_1/linear.py", True),
        ("solutions/week_1/checks/test_linear.py", True),
        ("solutions/given/module.py", True),
        ("solutions/fixtures.py", True),
        (OTHER, False),
        ("solutions/week_1/README.md", False),
        ("solutions/week_1/mistakes.toml", False),
    ],
)
def test_mistakes_are_run_again_when_what_they_depend_on_changed(
    own: Course, file: str, again: bool
) -> None:
    week = own.week(1)
    before = keys(own)
    with (own.root / file).open("a", encoding="utf-8") as text:
        text.write("\n# changed\n")
    assert again == (before != keys(own))
    assert week == own.week(1)


@pytest.mark.parametrize(
    ("file", "again"),
    [("parity/compare.py", True), ("mistakes/variants.py", True), ("report/html.py", False)],
)
def test_mistakes_are_run_again_when_what_judges_changed_and_not_for_a_report(
    own: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, again: bool
) -> None:
    engine = tmp_path / "autograder"
    shutil.copytree(REPOSITORY / "autograder", engine)
    monkeypatch.setattr(keys_module, "ENGINE", engine)
    before = keys(own)
    with (engine / file).open("a", encoding="utf-8") as text:
        text.write("\n# changed\n")
    code_digest.cache_clear()  # a process goes on with the code that it has loaded
    assert again == (before != keys(own))


def test_module_depends_on_those_that_it_or_its_checks_speak_of(own: Course) -> None:
    for name in ("solutions/week_1/checks/test_linear.py", "solutions/week_1/linear.py"):
        file = own.root / name
        text = file.read_text(encoding="utf-8")
        file.write_text(f"{text}\n# student.other.Other\n", encoding="utf-8")
        before = keys(own)
        with (own.root / OTHER).open("a", encoding="utf-8") as other:
            other.write("# changed\n")
        assert before != keys(own)
        file.write_text(text, encoding="utf-8")


def keys(course: Course) -> list[str]:
    week = course.week(1)
    made = Keys(course, week, options())
    return [made.of(mistake, part) for mistake in catalogue.load(course, week) for part in CHECKS]


def test_what_ended_by_time_is_run_again(
    own: Course, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = CATALOGUE.replace("y -= self.bias.data", "while True: pass")
    (own.root / "solutions/week_1/mistakes.toml").write_text(endless)
    monkeypatch.setattr(module, "LIMITS", replace(GENEROUS, check_seconds=0.5))
    verdicts = found(own)["linear-bias-subtracted"].verdicts
    assert "timeout" == verdicts["test_linear.py::test_linear_forward"]
    found(own)
    assert 2 == runs.count("linear-bias-subtracted")
    assert 1 == runs.count("linear-float64")
