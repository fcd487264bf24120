"""Whatever a submission hands over, the fault is its own; only what is ours is ours."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from grader_course import LINEAR, graded, named

from autograder.checking.verdicts import verdict_of
from autograder.oracle.expected import OracleFailed
from autograder.results import OUR_FAULT, CheckResult, Verdict
from course.config import Course, load_course

Changed = Callable[..., list[CheckResult]]
# At the end of every module of a week: `change` takes a method's place.
REPLACE = """

import numpy as _np

for _name in {classes!r}:
    for _method in ("forward", "backward", "step"):
        if hasattr(globals()[_name], _method):
            _real = globals()[_name].__dict__.get(_method) or getattr(globals()[_name], _method)
            setattr(globals()[_name], _method, (lambda real: {change})(_real))
"""
METHODS = {
    "no-method": "None",
    "a-number": "3",
    "no-return": "lambda *a, **k: (real(*a, **k), None)[1]",
    "infinite": "lambda *a, **k: _np.full(_np.shape(real(*a, **k)), _np.inf)",
    "text": "lambda *a, **k: (real(*a, **k), 'text')[1]",
    "list": "lambda *a, **k: _np.asarray(real(*a, **k)).tolist()",
    "one-more-axis": "lambda *a, **k: _np.asarray(real(*a, **k))[None]",
    "complex": "lambda *a, **k: _np.asarray(real(*a, **k)).astype(complex)",
    "huge": "lambda *a, **k: (real(*a, **k), 10**400)[1]",
    "generator": "lambda *a, **k: (x for x in ())",
}
# In place of each class.
CLASSES = {
    "no-class": "None",
    "makes-nothing": "lambda *a, **k: None",
    "infinite-weights": "type(cls.__name__, (cls,), {'__init__': lambda self, *a, **k: ("
    "cls.__init__(self, *a, **k), [p.data.fill(_np.inf) for p in vars(self).values() "
    "if hasattr(p, 'data') and hasattr(p, 'grad')])[0]})",
    "weights-without-data": "type(cls.__name__, (cls,), {'__init__': lambda self, *a, **k: ("
    "cls.__init__(self, *a, **k), [setattr(p, 'data', None) for p in vars(self).values() "
    "if hasattr(p, 'data') and hasattr(p, 'grad')])[0]})",
    "no-state": "type(cls.__name__, (cls,), {'load_state_dict': None, 'eval': 1, 'train': None})",
}
REPLACE_CLASS = """

import numpy as _np

for _name in {classes!r}:
    globals()[_name] = (lambda cls: {change})(globals()[_name])
"""
CASES = {name: REPLACE.replace("{change}", change) for name, change in METHODS.items()}
CASES |= {name: REPLACE_CLASS.replace("{change}", change) for name, change in CLASSES.items()}


def with_end(course: Course, week: int, case: str, *modules: str) -> dict[str, str]:
    """The texts of the reference of a week, with this at the end of its modules."""
    texts = {}
    for module in modules:
        text = (course.solutions / f"week_{week}" / f"{module}.py").read_text(encoding="utf-8")
        classes = course.week(week).modules[module]
        texts[module] = text + case.replace("{classes!r}", repr(classes))
    return texts


@pytest.mark.parametrize("week", [1, 3, 5])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_nothing_that_is_handed_over_is_a_fault_of_the_grader(
    whole: Course, week: int, case: str, changed: Changed
) -> None:
    checks = changed(week, with_end(whole, week, case, *whole.week(week).modules), ())
    assert {} == {c.id: c.message for c in checks if c.verdict in OUR_FAULT}
    assert any(c.verdict != Verdict.PASSED for c in checks)


@pytest.mark.parametrize("end", ["", "[()]"], ids=["array", "scalar"])
def test_right_loss_may_be_a_number_of_numpy(whole: Course, end: str, changed: Changed) -> None:
    number = f"lambda *a, **k: _np.asarray(real(*a, **k)){end}"
    texts = with_end(whole, 1, REPLACE.replace("{change}", number), "losses")
    assert {Verdict.PASSED} == {check.verdict for check in changed(1, texts, ["losses"])}


def test_value_that_a_check_can_not_handle_is_said_to_be_the_submissions(
    course: Course, tmp_path: Path
) -> None:
    shutil.copytree(course.root, tmp_path / "course")
    own = load_course(tmp_path / "course")
    body = "    student.linear.Linear(2, 3).forward(oracle)\n"
    file = own.checks(1) / "test_linear.py"
    file.write_text(f"def test_linear_own(student, oracle):\n{body}", encoding="utf-8")
    record = graded(own, tmp_path / "ada", LINEAR + "\nLinear.forward = None\n")
    check = named(record, "test_linear_own")
    assert Verdict.FAILED == check.verdict
    assert "what your code gives is not what is checked here (TypeError: " in check.message
    assert record.complete


def test_method_that_is_none_is_an_error_of_the_submission(course: Course, tmp_path: Path) -> None:
    record = graded(course, tmp_path / "ada", LINEAR + "\nLinear.forward = None\n")
    check = named(record, "test_linear_forward")
    assert Verdict.ERROR == check.verdict
    assert "TypeError: 'NoneType' object is not callable" in check.message
    assert record.complete


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("oracle.layer('Nothing', [], {}, {}, [1.0], None)", "the oracle layer failed: "),
        ("student.linear.Linear(2, 3); oracle.layer('No', [], {}, {}, [1.0], None)", "the oracle"),
        ("student.linear.Linear(2, 3); open('/nowhere')", "No such file"),
    ],
)
def test_what_is_ours_stays_ours(course: Course, tmp_path: Path, body: str, message: str) -> None:
    shutil.copytree(course.root, tmp_path / "course")
    own = load_course(tmp_path / "course")
    file = own.checks(1) / "test_linear.py"
    check = f"def test_linear_ours(student, oracle, parity):\n    {body}\n"
    file.write_text(check, encoding="utf-8")
    record = graded(own, tmp_path / "ada", LINEAR)
    (result,) = record.checks
    assert (Verdict.GRADER_ERROR, False) == (result.verdict, record.complete)
    assert message in result.message


def test_same_exception_is_ours_before_an_answer_and_theirs_after_it() -> None:
    error = TypeError("'NoneType' object is not callable")
    assert Verdict.GRADER_ERROR == verdict_of(error)[0]
    assert Verdict.FAILED == verdict_of(error, answered=True)[0]
    assert Verdict.GRADER_ERROR == verdict_of(OracleFailed("x"), answered=True)[0]
