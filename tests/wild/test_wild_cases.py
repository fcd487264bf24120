"""The cases from the wild are well-formed, and each is wrong: at least one check says so."""

from __future__ import annotations

import ast
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from wild import NEW, Case, cases, replaced, solution

from autograder.mistakes.changing import Changing, changing
from autograder.options import Options
from autograder.results import OUR_FAULT, CheckResult, Verdict
from autograder.sandbox.launch import Limits
from course.config import load_course

ROOT = Path(__file__).parents[2]
CASES = list(cases())
# A busy machine must change nothing: what is slow here are differences, which need minutes.
LIMITS = Limits(check_seconds=60.0, total_seconds=1800.0)
OPTIONS = {"sandboxed": False, "secret": "a secret for tests", "accuracy": False, "explain": False}

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


@pytest.fixture(scope="module")
def graded(
    shared: Callable[[str, Callable[[Path], object]], Path],
) -> Iterator[Callable[[Case], list[CheckResult]]]:
    """Runs the checks of a case's module, in one worker for each week."""

    def make(root: Path) -> None:
        ignored = shutil.ignore_patterns("__pycache__", ".cache")
        for name in ("solutions", "assignments"):
            shutil.copytree(ROOT / name, root / name, ignore=ignored)
        for name in ("course.toml", ".gitignore"):
            shutil.copy(ROOT / name, root)

    course = load_course(shared("wild", make))
    with ExitStack() as stack:
        runs: dict[int, Changing] = {}

        def grade(case: Case) -> list[CheckResult]:
            options = Options(**OPTIONS, limits=LIMITS, modules=(case.module,))
            if case.week not in runs:
                week = course.week(case.week)
                runs[case.week] = stack.enter_context(changing(course, week, options))
            return list(runs[case.week]({case.module: case.text}, options).results.values())

        yield grade


def test_no_two_cases_share_an_id() -> None:
    assert [] == [name for name, count in Counter(c.id for c in CASES).items() if count > 1]


@every_case
def test_a_case_says_what_is_wrong_and_where_that_comes_from(case: Case) -> None:
    assert case.source
    assert case.says.endswith(".")
    assert case.right
    assert all(case.right)
    assert case.explained_by(case.says)


@every_case
def test_a_case_is_python_and_no_solution(case: Case) -> None:
    assert ast.dump(ast.parse(case.text)) != ast.dump(ast.parse(solution(case.week, case.module)))


def test_a_method_is_replaced_at_its_place() -> None:
    text = "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n"
    new = replaced(text, "A.f", "\ndef f(self):\n    return 3\n")
    assert new == text.replace("return 1", "return 3")


def test_new_code_stands_before_the_first_definition() -> None:
    text = "import math\n\n\ndef f():\n    return 1\n"
    assert replaced(text, NEW, "A = 1") == text.replace("def f", "A = 1\n\n\ndef f")


def test_a_definition_that_is_not_there_is_said() -> None:
    with pytest.raises(LookupError, match=r"no A\.f"):
        replaced("class A:\n    pass\n", "A.f", "")


@pytest.mark.proof
@pytest.mark.parametrize("case", CASES[::6], ids=lambda case: case.id)  # `make explain-score`: all
def test_a_check_notices_the_mistake(
    case: Case, graded: Callable[[Case], list[CheckResult]]
) -> None:
    verdicts = [result.verdict for result in graded(case)]
    assert not OUR_FAULT.intersection(verdicts)
    assert any(verdict is not Verdict.PASSED for verdict in verdicts)
