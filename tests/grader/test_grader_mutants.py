"""A week's mutants are run: which live, how they are marked, what a score comes to."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from grader_call import Ended, flat
from grader_course import GENEROUS, SECRET
from grader_pool import in_this_process

from autograder.author import run_mutants
from autograder.author.run_mutants import OPTIONS, killers
from autograder.author.verify_mutants import Outcome, Sample, judge
from autograder.mistakes import spreading
from autograder.mutants.mutants import Mutant
from course.config import Course, load_course

COURSE = """\
[course]
name = "Doubling"
[standards]
mutants = 97
[weeks.week_1]
title = "Doubling"
modules = {double = ["double"], other = ["other"]}
"""
DOUBLE = '''\
"""Doubling."""


def double(x):
    """Twice x."""
    n = 2
    return abs(n) * x
'''
CHECKS = '''\
def test_double(student, rng, parity):
    """double: twice the values"""
    x = rng.standard_normal(3)
    parity("2 x", student.double.double(x), 2 * x)
'''
OTHER = '''\
def test_other(student, rng, parity):
    """other: the values"""
    x = rng.standard_normal(3)
    parity("x", student.other.other(x), x)
'''
FILES = {
    ".course-secret": SECRET,
    "course.toml": COURSE,
    "solutions/week_1/__init__.py": "",
    "solutions/week_1/double.py": DOUBLE,
    "solutions/week_1/other.py": "def other(x):\n    return x\n",
    "solutions/week_1/checks/test_double.py": CHECKS,
    "solutions/week_1/checks/test_other.py": OTHER,
}
SURVIVOR = "double.double:form-1"
MARK = """\
[[equivalent]]
id = "double.double:form-1"
after = "return n * x"
reason = "2 is positive."
"""
KILLED = """\
[[equivalent]]
id = "double.double:return-1"
after = "return (-(abs(n) * x))"
reason = "Not at all."
"""
MARKS = "solutions/week_1/mutants.toml"
Shared = Callable[[str, Callable[[Path], object]], Path]
QUICK = replace(OPTIONS, limits=GENEROUS)  # no mutant here takes long


@pytest.fixture(scope="session")
def doubling(course: Course, shared: Shared) -> Path:
    """A course of two functions, whose mutants have been run."""

    def make(folder: Path) -> None:
        shutil.copytree(course.root, folder, dirs_exist_ok=True)
        shutil.rmtree(folder / "solutions" / "week_1")
        (folder / "solutions" / "week_1" / "checks").mkdir(parents=True)
        for name, text in FILES.items():
            (folder / name).write_text(text, encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(spreading, "pool", in_this_process)
            judged(folder)

    return shared("doubling", make)


@pytest.fixture
def root(doubling: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the working directory; what takes processes is done in this one."""
    monkeypatch.setattr(spreading, "pool", in_this_process)
    shutil.rmtree(checkout / "solutions")
    shutil.rmtree(checkout / ".cache")
    shutil.copytree(doubling, checkout, dirs_exist_ok=True)
    return checkout


@pytest.fixture
def runs(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...]]]:
    """The mutants that were run, each with the modules whose checks were; none is known yet."""
    shutil.rmtree(root / ".cache")
    ran, original = [], run_mutants.outcome

    def outcome(mutant: Any, run: Any) -> Any:
        ran.append((mutant.id, run.modules))
        return original(mutant, run)

    monkeypatch.setattr(run_mutants, "outcome", outcome)
    return ran


def judged(root: Path, **how: Any) -> Outcome:
    course = load_course(root)
    return judge(course, course.week(1), options=QUICK, **how)


def test_survivors_are_those_that_pass_every_check(root: Path) -> None:
    outcome = judged(root, module="double")
    assert [SURVIVOR] == [one.mutant.id for one in outcome.survivors]
    assert (6, 1, 0) == (len(outcome.judged), 6 - outcome.killed, outcome.equivalent)
    assert pytest.approx(500 / 6) == outcome.score
    assert () == outcome.problems
    killers = {one.mutant.id: one.killer for one in outcome.judged}
    assert "test_double.py::test_double (failed)" == killers["double.double:return-1"]
    assert "test_double.py::test_double (error)" == killers["double.double:statement-1"]


def test_own_checks_come_first_and_the_others_only_if_it_survives(
    root: Path, runs: list[tuple[str, tuple[str, ...]]], capsys: pytest.CaptureFixture[str]
) -> None:
    judged(root, module="double")
    assert "week 1: mutants: 7 of 7\n" in capsys.readouterr().err
    assert [("double",), ("other",)] == [modules for id, modules in runs if id == SURVIVOR]
    killed = [modules for id, modules in runs if id == "double.double:return-1"]
    assert [("double",)] == killed


def test_mutant_is_killed_by_the_checks_of_another_module(root: Path) -> None:
    uses = OTHER + "    parity('4 x', student.double.double(x, 2), 4 * x)\n"
    (root / "solutions/week_1/checks/test_other.py").write_text(uses)
    (root / "solutions/week_1/double.py").write_text("def double(x, n=1):\n    return x * n * 2\n")
    killers = {one.mutant.id: one.killer for one in judged(root).judged}
    assert "test_other.py::test_other (failed)" == killers["double.double:arithmetic-2"]


def test_marked_survivor_is_not_counted(root: Path) -> None:
    (root / MARKS).write_text(MARK)
    outcome = judged(root)
    assert (1, 100.0, []) == (outcome.equivalent, outcome.score, outcome.survivors)
    assert () == outcome.problems


@pytest.mark.parametrize(
    ("mark", "problem"),
    [
        (KILLED, "double.double:return-1 is killed by test_double.py::test_double (failed)"),
        (MARK.replace("form-1", "form-2"), "there is no mutant double.double:form-2"),
        (MARK.replace("n * x", "x * n"), "is another mutant by now. Its line is: return n * x"),
    ],
)
def test_stale_mark_is_told_with_its_place_and_saves_no_mutant(
    root: Path, mark: str, problem: str
) -> None:
    (root / MARKS).write_text(f"# Marks.\n{mark}")
    outcome = judged(root)
    (told,) = outcome.problems
    assert told.startswith(f"{MARKS}:2: ")
    assert problem in told
    assert [SURVIVOR] == [one.mutant.id for one in outcome.survivors]


def test_mark_outside_of_a_sample_or_a_module_is_no_problem(root: Path) -> None:
    (root / MARKS).write_text(MARK)
    assert () == judged(root, module="other").problems
    assert () == judged(root, sample=Sample(1, 0)).problems


def test_sample_is_the_same_for_the_same_seed() -> None:
    mutants = [Mutant(str(i), "m", 1, "", "", "") for i in range(50)]
    first = Sample(5, 1).of(mutants)
    assert 5 == len(set(first))
    assert first == Sample(5, 1).of(mutants)
    assert first != Sample(5, 2).of(mutants)
    assert mutants == Sample(0).of(mutants) == Sample(99).of(mutants)


def test_what_is_known_is_not_run_again_until_what_judges_it_changes(
    root: Path, runs: list[tuple[str, tuple[str, ...]]]
) -> None:
    first = judged(root)
    runs.clear()
    assert first == judged(root)
    assert [] == runs
    with (root / "solutions/week_1/checks/test_other.py").open("a") as file:
        file.write("# changed\n")
    judged(root)
    assert (SURVIVOR, ("other",)) in runs
    assert not any(id.startswith("double") for id, modules in runs if modules == ("double",))


def test_loop_without_an_end_is_killed_and_not_cached(
    root: Path, runs: list[tuple[str, tuple[str, ...]]]
) -> None:
    course: Course = load_course(root)
    endless = Mutant("endless", "double", 1, "", "", DOUBLE.replace("n = 2", "while True: pass"))
    options = replace(OPTIONS, limits=replace(GENEROUS, check_seconds=0.5))
    for _ in range(2):
        found = killers(course, course.week(1), [endless], options)
        assert {"endless": "test_double.py::test_double (timeout)"} == found
    assert 2 == len(runs)


def test_solution_that_fails_its_checks_proves_nothing(
    root: Path, call: Callable[..., Ended]
) -> None:
    (root / "solutions/week_1/double.py").write_text(DOUBLE.replace("n = 2", "n = 3"))
    ended = call("mutants", "1")
    assert (3, "") == (ended.code, ended.out)
    assert "the solution fails test_double.py::test_double (failed)" in ended.error


# ---- the command -------------------------------------------------------------------------------


def test_command_lists_survivors_and_ends_with_1_below_the_standard(
    root: Path, call: Callable[..., Ended]
) -> None:
    ended = call("mutants", "1")
    assert 1 == ended.code
    assert "double 5 6 0 83.3 %" in flat(ended.out)
    assert "other 1 1 0 100.0 %" in flat(ended.out)
    survivor = (
        "solutions/week_1/double.py:7: double.double:form-1 survives\n"
        "  -return abs(n) * x\n"
        "  +return n * x\n"
    )
    assert survivor in ended.out


def test_command_ends_with_0_at_the_standard(root: Path, call: Callable[..., Ended]) -> None:
    (root / MARKS).write_text(MARK)
    ended = call("mutants", "1", "--jobs", "1")
    assert 0 == ended.code
    assert "survives" not in ended.out


def test_stale_mark_ends_with_1_whatever_the_score(root: Path, call: Callable[..., Ended]) -> None:
    (root / MARKS).write_text(MARK + KILLED)
    ended = call("mutants", "1")
    assert 1 == ended.code
    assert f"{MARKS}:5: double.double:return-1 is killed by" in ended.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--module", "duoble"], 'has no module "duoble". Did you mean "double"?'),
        (["--jobs", "-1"], "is not in the range"),
    ],
)
def test_wrong_usage_ends_with_2(
    root: Path, call: Callable[..., Ended], arguments: list[str], words: str
) -> None:
    ended = call("mutants", "1", *arguments)
    assert 2 == ended.code
    assert words in flat(ended.error)


def test_broken_marks_end_with_2(root: Path, call: Callable[..., Ended]) -> None:
    (root / MARKS).write_text(MARK.replace("reason", "raeson"))
    ended = call("mutants", "1")
    assert 2 == ended.code
    assert f'{MARKS}:1: unknown key "raeson"' in ended.error


def test_json_holds_what_killed_each(root: Path, call: Callable[..., Ended]) -> None:
    read = json.loads(call("mutants", "1", "--json", "--module", "double").out)
    assert (1, [], 6) == (read["week"], read["problems"], len(read["mutants"]))
    assert pytest.approx(500 / 6) == read["score"]
    (survivor,) = [one for one in read["mutants"] if one["killer"] is None]
    assert survivor == {
        "id": SURVIVOR,
        "place": "solutions/week_1/double.py:7",
        "before": "return abs(n) * x",
        "after": "return n * x",
        "killer": None,
        "equivalent": False,
    }
