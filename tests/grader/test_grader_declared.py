"""Checks that are declared or typed: where they stand, what they weigh, what they need."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from grader_course import LINEAR, graded, named

from autograder.checking.declared import Check, check
from autograder.layers import Layer
from autograder.layers.layer import snake
from autograder.options import GradingError
from autograder.results import Record
from course.config import Course, load_course
from release.skeleton import has_test

Made = Callable[..., Record]

PARTS = """
    from autograder.layers import Layer, check

    LINEAR = Layer("linear", "Linear", (3, 4), parameters={"weight": (4, 3), "bias": (4,)})


    def bias(student, parity, /, shape):
        parity.equal("shape", list(student.linear.Linear(3, 4).bias.data.shape), shape)


    test_linear_forward = LINEAR.forward((5, 3), weight=3)
    test_bias = check("The bias has its shape", bias, [4], needs="test_linear_forward")
    ### BEGIN HIDDEN TESTS
    test_linear_both = LINEAR.both((2, 3), title="twice two", weight=2)
    test_linear_wide, test_bias_again = (
        LINEAR.keeps("wide", lambda contract, layer, shape: contract.both(layer, shape), (9, 3)),
        check("Once more", bias, shape=[4]),
    )
    ### END HIDDEN TESTS
"""


@pytest.fixture
def made(course: Course, tmp_path: Path) -> Made:
    """Grades the solution by check files of one's own, which stand beside that of Linear."""

    def grade(checks: dict[str, str], **changes: object) -> Record:
        root = tmp_path / "own"
        shutil.copytree(course.root, root, dirs_exist_ok=True)
        own = load_course(root)
        for name, text in checks.items():
            (own.checks(1) / name).write_text(dedent(text), encoding="utf-8")
        return graded(own, tmp_path / "ada", LINEAR, **changes)

    return grade


def test_declared_checks_run_under_their_names_and_titles(made: Made) -> None:
    record = made({"test_parts.py": PARTS}, modules=("parts",))
    assert {
        "test_linear_forward": "Linear: output",
        "test_bias": "The bias has its shape",
        "test_linear_both": "Linear: twice two",
        "test_linear_wide": "Linear: wide",
        "test_bias_again": "Once more",
    } == {c.id.removeprefix("test_parts.py::"): c.title for c in record.checks}
    assert {"passed"} == {str(c.verdict) for c in record.checks}


def test_declared_check_is_hidden_by_the_line_that_declares_it(made: Made) -> None:
    record = made({"test_parts.py": PARTS}, modules=("parts",))
    hidden = {c.id.partition("::")[2] for c in record.checks if c.hidden}
    assert {"test_linear_both", "test_linear_wide", "test_bias_again"} == hidden
    public = made({"test_parts.py": PARTS}, modules=("parts",), public_only=True)
    assert ["test_linear_forward", "test_bias"] == [c.id.partition("::")[2] for c in public.checks]


def test_check_made_by_a_public_function_is_hidden_where_its_name_is_bound(made: Made) -> None:
    text = """
        def make(number):
            def check(parity):
                parity.equal("number", number, number)
            return check

        test_one = make(1)
        ### BEGIN HIDDEN TESTS
        test_two = make(2)
        ### END HIDDEN TESTS
    """
    record = made({"test_made.py": text}, modules=("made",))
    assert [False, True] == [c.hidden for c in record.checks]


@pytest.mark.parametrize("restricted", [{"modules": ("parts",)}, {"public_only": True}])
def test_part_of_a_week_is_worth_what_it_is_worth_in_the_whole(
    made: Made, restricted: dict[str, object]
) -> None:
    whole = made({"test_parts.py": PARTS})
    assert 100 == whole.max_score
    worth = {c.id: c.max_points for c in whole.checks}
    part = made({"test_parts.py": PARTS}, **restricted)
    assert 0 < len(part.checks) < len(worth)
    assert [worth[c.id] for c in part.checks] == [c.max_points for c in part.checks]


def test_checks_of_the_notebook_take_no_points_from_those_of_the_modules(made: Made) -> None:
    text = "def test_it(notebook):\n    pass\n"
    record = made({"test_parts.py": PARTS, "test_exercise.py": text})
    assert 100 == record.max_score
    assert {"linear", "parts"} == {c.module for c in record.checks}


def test_check_without_a_mark_weighs_one(made: Made) -> None:
    text = "import pytest\ndef test_a(parity):\n    parity.equal('a', 1, 1)\n"
    text += "@pytest.mark.check(weight=17)\ndef test_b(parity):\n    parity.equal('b', 1, 1)\n"
    record = made({"test_linear.py": text})
    assert 5.56 == named(record, "test_a").max_points
    assert 94.44 == named(record, "test_b").max_points
    assert 100 == record.score == record.max_score


FAULTS = {
    '@pytest.mark.check(needs="test_linaer_forward")': (
        'it needs test_linaer_forward, which is no check. Did you mean "test_linear_forward"?'
    ),
    '@pytest.mark.check(needs=["test_linear_forward", "test_secret"])': (
        "it needs test_secret, which is hidden, so students don't have it"
    ),
    "@pytest.mark.check(weight=0)": "weight=0: it is a whole number, 1 or more",
    "@pytest.mark.check(weight=2.5)": "weight=2.5: it is a whole number, 1 or more",
    "@pytest.mark.check(weight=True)": "weight=True: it is a whole number, 1 or more",
    "@pytest.mark.check(weigth=2)": "unexpected keyword argument 'weigth'",
    "@pytest.mark.check(3)": "takes 0 positional arguments but 1 was given",
}


@pytest.mark.parametrize("mark", FAULTS)
@pytest.mark.parametrize("modules", [(), ("linear",)])
def test_mark_that_is_wrong_is_refused_with_file_and_line(
    made: Made, mark: str, modules: tuple[str, ...]
) -> None:
    text = f"import pytest\n\n{mark}\ndef test_own(parity):\n    pass\n"
    text += "### BEGIN HIDDEN TESTS\ndef test_secret(parity):\n    pass\n### END HIDDEN TESTS\n"
    with pytest.raises(GradingError) as caught:
        made({"test_own.py": text}, modules=modules)
    assert "checks/test_own.py:4: test_own: " in str(caught.value)
    assert FAULTS[mark] in str(caught.value)


def test_declaration_that_needs_no_check_is_refused_with_the_line_of_its_assignment(
    made: Made,
) -> None:
    text = """
        from autograder.layers import Layer

        LINEAR = Layer("linear", "Linear", (3, 4))
        test_batch = LINEAR.backward(
            (5, 3), needs="test_nothing_of_the_kind"
        )
    """
    with pytest.raises(GradingError, match=r"test_own\.py:5: test_batch: it needs test_nothing_of"):
        made({"test_own.py": text})


def test_marker_that_is_wrong_is_refused_with_file_and_line(made: Made) -> None:
    text = "### BEGIN HIDDEN TESTS\ndef test_own(parity):\n    pass\n### END HIDEN TESTS\n"
    with pytest.raises(GradingError) as caught:
        made({"test_own.py": text})
    assert "\nsolutions/week_1/checks/test_own.py:4: '### END HIDEN TESTS'" in str(caught.value)
    assert "INTERNALERROR" not in str(caught.value)


def test_check_of_the_modules_cannot_need_one_of_the_notebook(made: Made) -> None:
    text = "import pytest\n@pytest.mark.check(needs='test_it')\ndef test_a(parity):\n    pass\n"
    exercise = "def test_it(notebook):\n    pass\n"
    with pytest.raises(GradingError, match=r"test_own\.py:3: test_a: it needs test_it"):
        made({"test_own.py": text, "test_exercise.py": exercise})


def test_hidden_checks_may_need_hidden_ones_and_public_ones(made: Made) -> None:
    text = """
        import pytest

        ### BEGIN HIDDEN TESTS
        def test_first(parity):
            parity.equal("a", 1, 2)


        @pytest.mark.check(needs=("test_first", "test_linear_forward"))
        def test_second(parity):
            pass
        ### END HIDDEN TESTS
    """
    record = made({"test_own.py": text})
    assert "skipped" == named(record, "test_second").verdict


def test_declaration_asks_for_the_fixtures_before_the_slash() -> None:
    seen = []

    def promise(student, parity, /, first, *, second=2):
        seen.append((student, parity, first, second))

    made = check("A title", promise, "one", second=3, weight=5, needs="test_x")
    assert ["student", "parity"] == list(inspect.signature(made).parameters)
    assert "A title" == made.__doc__
    (mark,) = made.pytestmark
    assert {"weight": 5, "needs": "test_x"} == mark.kwargs
    made(parity="P", student="S")
    assert [("S", "P", "one", 3)] == seen


LAYER = Layer("week", "LeakyReLU", parameters={"weight": (3,), "bias": (2,)})
LOSS = Layer("week", "BCELoss", draw_target=lambda rng, shape: rng.random(shape))


@pytest.mark.parametrize(
    ("declared", "title", "needs"),
    [
        (LAYER.forward((2, 3)), "LeakyReLU: output", ()),
        (LOSS.forward((2, 3)), "BCELoss: the loss", ()),
        (LOSS.backward((2, 3)), "BCELoss: gradient of the input", "test_bce_loss_forward"),
        (
            LAYER.parameter_grads((2, 3), needs=("test_a", "test_b")),
            "LeakyReLU: gradients of weight and bias, added up",
            ("test_a", "test_b"),
        ),
        (LAYER.both((2, 3), title="twice"), "LeakyReLU: twice", "test_leaky_relu_forward"),
    ],
)
def test_promise_has_a_title_and_waits_for_the_main_check_unless_it_says_otherwise(
    declared: Check, title: str, needs: object
) -> None:
    assert title == declared.__doc__
    (mark,) = declared.pytestmark
    assert {"weight": 1, "needs": needs} == mark.kwargs


@pytest.mark.parametrize(
    "declare",
    [
        lambda: check("No fixtures", lambda parity: None),
        lambda: check("An argument too many", lambda parity, /: None, 1),
        lambda: check("One too few", lambda parity, /, first: None),
        lambda: check("Another name", lambda parity, /, first: None, second=1),
    ],
)
def test_declaration_that_cannot_run_is_an_error_where_it_stands(
    declare: Callable[[], object],
) -> None:
    with pytest.raises(TypeError):
        declare()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Linear", "linear"),
        ("BCELoss", "bce_loss"),
        ("MaxPool2d", "max_pool2d"),
        ("CrossEntropyLoss", "cross_entropy_loss"),
        ("SGD", "sgd"),
        ("BatchNorm1d", "batch_norm1d"),
        ("RNN", "rnn"),
        ("ReLU", "relu"),
        ("LeakyReLU", "leaky_relu"),
    ],
)
def test_class_has_a_name_among_the_checks(name: str, expected: str) -> None:
    assert expected == snake(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def test_a():\n    pass\n", True),
        ("async def test_a():\n    pass\n", True),
        ("test_a = LINEAR.forward((5, 3))\n", True),
        ("test_a, test_b = pair()\n", True),
        ("class TestA:\n    def test_a(self):\n        pass\n", True),
        ("LINEAR = Layer('linear', 'Linear')\n", False),
        ("def helper():\n    test_labels = 3\n    return test_labels\n", False),
        ('"""test_a = 3"""\n', False),
    ],
)
def test_release_sees_a_test_where_there_is_one(text: str, expected: bool) -> None:
    assert expected is has_test(text)
