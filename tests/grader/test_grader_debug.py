"""`make debug`: the calls of a check as a program, stopped in the student's line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from grader_checkout import checkout
from grader_course import LINEAR

from autograder.cli.debugging import commands, refuse_somebody_elses, told, write
from autograder.debugging.recording import record, week_of
from autograder.grading import grade
from autograder.options import InputError, Options
from autograder.replay.script import Script
from autograder.replay.steps import Recording, Step
from autograder.results import CheckResult, Verdict
from autograder.sandbox.protocol import Request
from course.config import Course, load_course

FORWARD = "y += self.bias.data"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return checkout(tmp_path_factory.mktemp("debug") / "내 과제 (1)")


def linear(course: Course, old: str = "", new: str = "") -> Path:
    """Write linear.py, with one place changed."""
    assert old in LINEAR
    file = course.assignments / "week_1/linear.py"
    file.write_text(LINEAR.replace(old, new) if old else LINEAR, encoding="utf-8")
    return file


def recorded(course: Course, only: str) -> tuple[Recording, Script, Path]:
    options = Options(sandboxed=False, public_only=True, only=only, explain=False)
    found = record(course, course.week(1), course.assignments / "week_1", options)
    path = course.root / "reports/debug/check.py"
    return found, write(course, found, path), path


def debugged(course: Course, only: str, typed: str) -> str:
    """What pdb says to these commands, after those that lead to the student's line."""
    found, script, path = recorded(course, only)
    told = [word for one in commands(course, found, script, path) for word in ("-c", one)]
    command = [sys.executable, "-m", "pdb", *told, str(path)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, input=typed, capture_output=True, encoding="utf-8", env=environment, check=False
    )
    return done.stdout + done.stderr


def test_wrong_value_stops_in_the_method_that_returned_it(course: Course) -> None:
    linear(course, FORWARD, "y -= self.bias.data")
    said = debugged(course, "Linear: output", "p x.shape\np self.bias.data.shape\nq\n")
    assert "linear.py(" in said
    assert ")forward()" in said
    assert "(5, 3)" in said
    assert "(4,)" in said


def test_exception_stops_in_its_line(course: Course) -> None:
    linear(course, FORWARD, "y += self.bais")
    said = debugged(course, "Linear: gradient of the input", "p y.shape\nq\n")
    assert "-> y += self.bais" in said
    assert "(5, 4)" in said


def test_program_makes_the_same_calls_on_the_same_inputs(course: Course) -> None:
    """Without a debugger it prints what came and what was expected."""
    linear(course, "return (grad @ self.weight.data)", "return (2 * grad @ self.weight.data)")
    found, script, path = recorded(course, "Linear: gradient of the input")
    assert Verdict.FAILED is found.result.verdict
    assert "grad = linear.backward(grad_out)" in script.text.splitlines()[script.stops_at - 1]
    ending = "\nassert np.allclose(grad, 2 * expected)\n"
    path.write_text(script.text + ending, encoding="utf-8")
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    assert done.stdout.startswith("got [[")
    assert "\nexpected [[" in done.stdout


REPLAYED = ["Linear: gradients of the parameters, added up", "CrossEntropyLoss"]


@pytest.mark.parametrize("only", REPLAYED)
def test_what_passes_can_be_replayed_too(course: Course, only: str) -> None:
    linear(course)
    _, _, path = recorded(course, only)
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    assert "got " in done.stdout


def test_week_is_found_and_an_unknown_check_names_the_nearest(course: Course) -> None:
    assert 1 == week_of(course, "linear: output").number
    with pytest.raises(InputError, match=r'"Linaer"\. Did you mean "Linear"\?'):
        week_of(course, "Linaer")


@pytest.mark.parametrize("call", ["breakpoint()", "__import__('pdb').set_trace()"])
def test_breakpoint_while_grading_says_how_to_debug(course: Course, call: str) -> None:
    linear(course, FORWARD, call)
    options = Options(sandboxed=False, only="Linear: output", explain=False)
    [check] = grade(course, course.week(1), course.assignments / "week_1", options).checks
    assert Verdict.ERROR is check.verdict
    assert check.message.endswith('make debug CHECK="Linear: output"')
    assert check.traceback[-1].startswith("week_1/linear.py:")


def test_module_that_is_not_python_is_named_with_its_line_and_not_debugged(course: Course) -> None:
    file = linear(course)
    file.write_text(LINEAR + "\ndef (", encoding="utf-8")
    found, script, path = recorded(course, "Linear: output")
    assert 0 == script.stops_at
    last = LINEAR.count("\n") + 2
    assert f"SyntaxError: invalid syntax (week_1/linear.py:{last})" in told(course, found, path)[0]


def test_beside_solutions_nothing_is_debugged_unless_one_says_so(course: Course) -> None:
    folder = course.assignments / "week_1"
    refuse_somebody_elses(course, folder, unsafe=False)  # in a student's checkout it is their own
    (course.root / "solutions").mkdir()
    try:
        with_solutions = load_course(course.root)
        refuse_somebody_elses(with_solutions, folder, unsafe=True)
        with pytest.raises(InputError, match=r"may be somebody else's code.*--unsafe-no-sandbox"):
            refuse_somebody_elses(with_solutions, folder, unsafe=False)
    finally:
        (course.root / "solutions").rmdir()


@pytest.mark.parametrize("word", ["x\nimport os", "x; import os", "", "'"])
def test_nothing_but_a_name_becomes_code(word: str) -> None:
    result = CheckResult("test_a.py::test_a", "A: a", "a", 1.0, False)
    script = Script(Recording(result), "root", handles={3: "layer"})
    asked = Step(Request(1, "get", target=3, attributes=["weight", word]), [], None, 0)
    assert f"getattr(layer.weight, {word!r})" == script.target(asked)
