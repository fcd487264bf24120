"""Names that a region would leave undefined in the code around it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from course.markers import MarkerErrors, find_regions


def function(*body: str) -> str:
    """A function with these lines as its body."""
    return "def f(x):\n" + "".join(f"    {line}\n" for line in body)


def problems(text: str) -> list[str]:
    with pytest.raises(MarkerErrors) as caught:
        find_regions(text, "a.py")
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("below", "names"),
    [
        (["return y"], ["y"]),
        (["y += 1"], ["y"]),
        (["y = y + 1"], ["y"]),
        (["z = y", "y = 1"], ["y"]),
        (["return [y for _ in x]"], ["y"]),
        (["return lambda: y"], ["y"]),
        (["def g(a=y):", "    return a"], ["y"]),
        (["def g():", "    return y"], ["y"]),
        (["class G(y):", "    pass"], ["y"]),
        (["for i in y:", "    pass"], ["y"]),
        (["del y"], ["y"]),
        (["y = 1", "return y"], []),
        (["for y in x:", "    print(y)"], []),
        (["with x as y:", "    print(y)"], []),
        (["import y", "y.go()"], []),
        (["import y.z", "y.go()"], []),
        (["from z import y", "y.go()"], []),
        (["try:", "    x()", "except ValueError as y:", "    print(y)"], []),
        (["match x:", "    case [y]:", "        print(y)"], []),
        (["match x:", "    case {'a': 1, **y}:", "        print(y)"], []),
        (["if (y := x):", "    print(y)"], []),
        (["return [y for y in x]"], []),
        (["return {y: 1 for y in x}"], []),
        (["return lambda y: y"], []),
        (["def g(y):", "    return y"], []),
        (["def y():", "    pass", "y()"], []),
        (["y: int = 3", "return y"], []),
        (["return x"], []),
        (["return self.y"], []),
    ],
)
def test_names_left_undefined_below_are_found(below: list[str], names: list[str]) -> None:
    text = function("### BEGIN SOLUTION do", "x = x + 1", "y = 2", "### END SOLUTION", *below)
    expected = [f'"{name}" is defined only in the SOLUTION region of line 2.' for name in names]
    found = problems(text) if names else find_regions(text, "a.py") and []
    assert expected == [problem.split(": ", 1)[1].split(" Let ")[0] for problem in found]


def test_a_name_defined_above_the_region_may_be_read_below() -> None:
    text = function("y = 0", "### BEGIN SOLUTION do", "y = 2", "### END SOLUTION", "return y")
    assert len(find_regions(text, "a.py")) == 1


def test_two_regions_of_a_function_may_share_a_name() -> None:
    text = function(
        "### BEGIN SOLUTION first",
        "y = 2",
        "### END SOLUTION",
        "print(x)",
        "### BEGIN SOLUTION second",
        "return y",
        "### END SOLUTION",
    )
    assert len(find_regions(text, "a.py")) == 2


def test_a_hidden_name_used_by_a_public_test_is_found() -> None:
    text = dedent("""\
        def test_a():
            return SIZE
        ### BEGIN HIDDEN TESTS
        SIZE = 3
        ### END HIDDEN TESTS
        """)
    assert problems(text) == [
        'a.py:2: "SIZE" is defined only in the HIDDEN TESTS region of line 3.'
        " Let that region cover its use too."
    ]
