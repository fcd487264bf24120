"""Near-stubs: what is passed by doing nothing is found, and what is meant may be said."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from grader_course import SECRET
from grader_pool import in_this_process

from autograder.author import near_stub_runs as runs
from autograder.author.near_stubs import FILLS, STUB, NearStub, Solution
from autograder.author.verify import verify
from autograder.mistakes import spreading
from course.config import Course, load_course

CHECKS = '''"""Two checks that take work."""

import numpy as np
import pytest

from autograder.layers import Layer

LINEAR = Layer("linear", "Linear", (3, 4), parameters={"weight": (4, 3), "bias": (4,)})

test_linear_forward = LINEAR.forward((5, 3))
test_linear_backward = LINEAR.backward((5, 3))
'''
# One of each kind that is passed by doing nothing.
PLANTED = '''
@pytest.mark.check()
def test_linear_refusal(student, rng, parity):
    """Linear: a column too many"""
    layer = student.linear.Linear(3, 4)
    parity.refuses("a column too many", lambda: layer.forward(rng.standard_normal((5, 4))))


@pytest.mark.check(needs="test_linear_forward")
def test_linear_kept(student, rng, worker, parity):
    """Linear: the gradient is not changed"""
    layer, grad = student.linear.Linear(3, 4), rng.standard_normal((5, 4))
    layer.forward(rng.standard_normal((5, 3)))
    kept = worker.keep(grad)
    layer.backward(kept)
    parity("grad_out", worker.fetch(kept), grad)


def test_linear_nothing(parity):
    """Linear: nothing"""
    parity.equal("one", 1, 1)


@pytest.mark.check(needs="test_linear_forward")
def test_linear_constants(student, oracle, parity):
    """Linear: the same numbers every time"""
    weight, bias, x = np.eye(4, 3), np.arange(4.0), np.arange(6.0).reshape(2, 3)
    layer = student.linear.Linear(3, 4)
    layer.load_state_dict({"weight": weight, "bias": bias})
    expected = oracle.layer("Linear", [3, 4], {}, {"weight": weight, "bias": bias}, [x])
    parity("output", layer.forward(x), expected.output)


@pytest.mark.check(needs="test_linear_forward")
def test_linear_same_answer(student, rng, parity):
    """Linear: other numbers, and the same answer every time"""
    layer = student.linear.Linear(3, 4)
    layer.load_state_dict({"weight": np.zeros((4, 3)), "bias": np.arange(4.0)})
    parity("output", layer.forward(rng.standard_normal((1, 3))), np.arange(4.0)[None])
'''


@pytest.fixture
def own(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of the course, to be changed; what takes processes is done in this one."""
    monkeypatch.setattr(spreading, "pool", in_this_process)
    shutil.copytree(course.root, tmp_path / "course")
    (tmp_path / "course" / ".course-secret").write_text(SECRET)
    own = load_course(tmp_path / "course")
    (own.checks(1) / "test_linear.py").write_text(CHECKS)
    return own


def plant(course: Course, *functions: str) -> dict[str, int]:
    """Add these of the planted checks to the course's; the line of each."""
    parts = {part.partition("def ")[2].partition("(")[0]: part for part in PLANTED.split("\n\n\n")}
    file = course.checks(1) / "test_linear.py"
    text = "\n\n\n".join([file.read_text().rstrip(), *(parts[name].strip() for name in functions)])
    file.write_text(text + "\n")
    lines = text.splitlines()
    return {name: lines.index(find(lines, f"def {name}(")) + 1 for name in functions}


def find(lines: list[str], start: str) -> str:
    return next(line for line in lines if line.startswith(start))


def allow(course: Course, **reasons: str) -> None:
    text = "".join(f'{name} = "{reason}"\n' for name, reason in reasons.items())
    (course.solutions / "week_1" / "near_stubs.toml").write_text(f"# Why each may\n{text}")


def problems(course: Course, module: str = "") -> list[str]:
    found = verify(course, course.week(1), module)
    [finding] = [finding for finding in found if finding.what.startswith("no check is passed by")]
    return list(finding.problems)


def test_check_that_asks_for_a_refusal_alone_is_found_with_what_passes_it(own: Course) -> None:
    line = plant(own, "test_linear_refusal")["test_linear_refusal"]
    [problem] = problems(own)
    assert problem.startswith(
        f"solutions/week_1/checks/test_linear.py:{line}: test_linear_refusal: a near-stub passes "
        "it (forward and backward raise ValueError, __init__ right): compare a value in the same "
        "check: a refusal"
    )


def test_check_of_what_is_left_alone_is_found_with_what_passes_it(own: Course) -> None:
    line = plant(own, "test_linear_kept")["test_linear_kept"]
    [problem] = problems(own)
    assert f":{line}: test_linear_kept: a near-stub passes it (backward returns None, " in problem
    assert "__init__ and forward right)" in problem


def test_check_that_asks_nothing_is_passed_by_the_stubs_themselves(own: Course) -> None:
    plant(own, "test_linear_nothing")
    [problem] = problems(own)
    assert "(__init__, forward and backward stay a stub)" in problem


@pytest.mark.parametrize("name", ["test_linear_constants", "test_linear_same_answer"])
def test_check_that_draws_nothing_that_matters_is_passed_by_a_table(own: Course, name: str) -> None:
    line = plant(own, name)[name]
    [problem] = problems(own)
    assert f"test_linear.py:{line}: {name}: a table of the rehearsal's answers passes" in problem
    assert "draw from rng" in problem


def test_exception_by_name_holds_for_that_check_alone(own: Course) -> None:
    plant(own, "test_linear_refusal", "test_linear_kept")
    allow(own, test_linear_kept="it is all that can be said")
    [problem] = problems(own, "linear")
    assert "test_linear_refusal" in problem


def test_exception_for_what_is_no_check_is_an_error_with_its_line(own: Course) -> None:
    allow(own, test_linear_kpet="why not")
    plant(own, "test_linear_refusal")
    assert (
        "solutions/week_1/near_stubs.toml:2: test_linear_kpet is no check of the week."
        in (problems(own)[1])
    )


def test_exception_that_nothing_needs_is_an_error_with_its_line(own: Course) -> None:
    allow(own, test_linear_forward="why not")
    assert [
        "solutions/week_1/near_stubs.toml:2: no near-stub passes test_linear_forward: take the "
        "line out"
    ] == problems(own)


@pytest.mark.parametrize(
    ("reason", "message"),
    [('""', '"test_linear_forward" is empty.'), ("3", '"test_linear_forward": Expected `str`')],
)
def test_exception_without_a_reason_is_an_error(own: Course, reason: str, message: str) -> None:
    file = own.solutions / "week_1" / "near_stubs.toml"
    file.write_text(f"test_linear_forward = {reason}\n")
    [problem] = problems(own)
    assert problem.startswith(f"solutions/week_1/near_stubs.toml: {message}")


def test_they_are_run_again_when_the_checks_changed_and_else_not(
    own: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran, original = [], runs.run_module

    def run(*arguments: Any) -> Any:
        ran.append(arguments[2])
        return original(*arguments)

    monkeypatch.setattr(runs, "run_module", run)
    for _ in range(2):
        assert [] == problems(own)
    assert ["linear"] == ran
    plant(own, "test_linear_refusal")
    problems(own)
    assert ["linear", "linear"] == ran


SOLUTION = '''
def double(x, *more, scale=2):
    ### BEGIN SOLUTION multiply
    return scale * x
    ### END SOLUTION


class Queue:
    def put(self, item, /):
        ### BEGIN SOLUTION append
        self.items.append(item)
        ### END SOLUTION

    @staticmethod
    def make(items):
        ### BEGIN SOLUTION a queue
        return Queue(items)
        ### END SOLUTION

    def __init__(self, items):
        """A queue."""
        self.items = []
        ### BEGIN SOLUTION put all
        for item in items:
            self.put(item)
        ### END SOLUTION
'''


def test_functions_are_kept_from_init_on_and_the_rest_is_filled() -> None:
    solution = Solution(SOLUTION, "queue.py")
    assert {
        "double": ["double"],
        "Queue": ["Queue.__init__", "Queue.put", "Queue.make"],
    } == solution.classes
    assert [NearStub(kept, fill) for kept in range(3) for fill in FILLS] == solution.near_stubs()


def made(stub: NearStub) -> dict[str, Any]:
    """The names of the module that a near-stub is."""
    names: dict[str, Any] = {}
    exec(Solution(SOLUTION, "queue.py").with_stub(stub), names)
    return names


def test_near_stub_hands_on_arguments_without_self() -> None:
    first = made(NearStub(0, "returns its input"))
    assert 5 == first["double"](5, 6)
    assert 8 == first["Queue"]([1]).put(8)
    assert 9 == first["Queue"].make(9)
    second = made(NearStub(0, "returns its second argument"))
    assert 6 == second["double"](5, 6)
    assert 2 == second["double"](5)
    assert second["Queue"]([]).put(8) is None


def test_near_stub_keeps_what_it_keeps() -> None:
    names = made(NearStub(2, "raises TypeError"))
    assert [1, 2] == names["Queue"]([1, 2]).items
    assert 10 == names["double"](5)
    with pytest.raises(TypeError, match="not written"):
        names["Queue"].make([])
    with pytest.raises(NotImplementedError):
        made(NearStub(1, STUB))["Queue"]([1])
