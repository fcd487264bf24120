"""Faults of markers: their grammar and their place, each with its line."""

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
    ("text", "expected"),
    [
        (function("pass", "### END SOLUTION"), ["a.py:3: ### END SOLUTION has no BEGIN."]),
        (
            function("### BEGIN SOLUTION do it", "pass"),
            ["a.py:2: ### BEGIN SOLUTION has no END."],
        ),
        (
            function("### BEGIN SOLUTION do", "y = 1", "### END HIDDEN TESTS"),
            ["a.py:4: ### END HIDDEN TESTS ends the region of line 2, which is a SOLUTION region."],
        ),
        (
            function("### BEGIN SOLUTION", "return 1", "### END SOLUTION"),
            ["a.py:2: ### BEGIN SOLUTION has no text. Write behind it what the student has to do."],
        ),
        (
            function("### BEGIN SOLUTION do", "return 1", "### END SOLUTION of it"),
            ["a.py:4: ### END SOLUTION takes no text: move it behind BEGIN."],
        ),
        (
            function("y = 1 ### BEGIN SOLUTION do", "return 1"),
            ["a.py:2: ### BEGIN SOLUTION must have the line for itself."],
        ),
        (
            function("### BEGIN SOLUTION do", "return 1", "  ### END SOLUTION"),
            ["a.py:4: ### END SOLUTION is not indented like the BEGIN of the region of line 2."],
        ),
    ],
)
def test_faults_of_the_grammar(text: str, expected: list[str]) -> None:
    assert expected == problems(text)


def test_nesting_is_refused() -> None:
    text = function(
        "### BEGIN SOLUTION outer",
        "y = 1",
        "### BEGIN HIDDEN TESTS",
        "z = 2",
        "### END HIDDEN TESTS",
        "return y",
        "### END SOLUTION",
    )
    expected = (
        "a.py:4: ### BEGIN HIDDEN TESTS inside the SOLUTION region of line 2."
        " Regions can't be nested: end that one first."
    )
    assert expected in problems(text)


@pytest.mark.parametrize(
    "comment",
    [
        "### BEGIN SOLUTIONS do it",
        "## BEGIN SOLUTION do it",
        "# BEGIN SOLUTION do it",
        "#### BEGIN SOLUTION do it",
        "###BEGIN SOLUTION do it",
        "### begin solution do it",
        "### Begin Solution do it",
        "### BEGIN  SOLUTION do it",
        "### BEGIN\tSOLUTION do it",
        "### BEGIN SOLUTION: do it",
        "### BEGIN-SOLUTION do it",
        "### BEGIN_SOLUTION do it",
        "### BEGINSOLUTION",
        "### BEGN SOLUTION do it",
        "### BEGIN SOLUTON do it",
        "### END SOLUTIONS",
        "### END SOLUTION.",
        "### BEGIN HIDDEN TEST",
        "### BEGIN HIDDENTESTS",
        "### BEGIN HIDDEN",
        "# end hidden tests",
        "#END SOLUTION",
    ],
)
def test_a_misspelt_marker_is_refused(comment: str) -> None:
    [found] = problems(function("pass", comment))
    assert found.startswith(f"a.py:3: {comment!r} looks like a marker and is none.")
    assert "Did you mean" in found


@pytest.mark.parametrize(
    "comment",
    [
        "# the solution",
        "# The solution of the equation",
        "# end of the solution",
        "# the end: hidden layer",
        "# end hidden layer",
        "### forward",
        "## ---------",
        "### END",
        "# beginning",
    ],
)
def test_an_ordinary_comment_is_no_marker(comment: str) -> None:
    assert find_regions(function("pass", comment), "a.py") == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('s = "### BEGIN SOLUTION do it"\n', 1),
        ('s = """\none\n### END SOLUTION\n"""\n', 3),
        ('def f():\n    """Doc.\n\n    ### BEGIN HIDDEN TESTS\n    """\n', 4),
        ('s = f"""\n# begin solution\n"""\n', 2),
    ],
)
def test_a_marker_in_a_string_is_refused(text: str, line: int) -> None:
    assert problems(text) == [
        f"a.py:{line}: a marker inside a string. Put the string together from parts."
    ]


@pytest.mark.parametrize(
    "body",
    [
        ["### BEGIN SOLUTION do", "### END SOLUTION", "return 1"],
        ["### BEGIN SOLUTION do", "# nothing", "", "### END SOLUTION", "return 1"],
        ["### BEGIN SOLUTION do", "pass", "### END SOLUTION"],
        ["### BEGIN SOLUTION do", "...", "### END SOLUTION"],
    ],
)
def test_an_empty_region_is_refused(body: list[str]) -> None:
    [found] = problems(function(*body))
    assert found.startswith("a.py:2: the SOLUTION region is empty")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("### BEGIN SOLUTION do\nx = 1\n### END SOLUTION\n", "is not inside a function"),
        (
            "class A:\n    ### BEGIN SOLUTION do\n    x = 1\n    ### END SOLUTION\n",
            "is not inside a function",
        ),
        (
            "### BEGIN SOLUTION do\ndef f():\n    return 1\n### END SOLUTION\n",
            "is not inside a function",
        ),
        (
            function("if x:", "    ### BEGIN SOLUTION do", "    x = 1", "    ### END SOLUTION"),
            "stands inside a smaller block",
        ),
        (
            function(
                "if x:",
                "    ### BEGIN SOLUTION do",
                "    x = 1",
                "else:",
                "    x = 2",
                "    ### END SOLUTION",
            ),
            "crosses the boundary of a block",
        ),
        (
            "def f():\n    ### BEGIN SOLUTION do\n    x = 1\ndef g():\n    y = 1\n"
            "    ### END SOLUTION\n    return y\n",
            "crosses the boundary of a block",
        ),
        (
            "def f():\n    ### BEGIN SOLUTION do\n    x = 1\ndef g():\n    y = 1\n"
            "    ### END SOLUTION\n",
            "crosses the boundary of a block",
        ),
        (
            function("x = [", "    ### BEGIN SOLUTION do", "    1,", "    ### END SOLUTION", "]"),
            "cuts through a statement",
        ),
        (
            function("### BEGIN SOLUTION do", "y = 1", "z = (", "    ### END SOLUTION", "    2)"),
            "not indented",
        ),
        (
            "def f():\n  ### BEGIN SOLUTION do\n    return 1\n  ### END SOLUTION\n",
            "is not indented like its code",
        ),
        (function('"""Doc."""', "return 1").replace(
            '    """Doc."""', '    ### BEGIN SOLUTION do\n    """Doc."""\n    x = 1\n'
            '    ### END SOLUTION'), "covers the docstring"),
    ],
)  # fmt: skip
def test_a_region_in_the_wrong_place_is_refused(text: str, expected: str) -> None:
    assert any(expected in problem for problem in problems(text))


@pytest.mark.parametrize("docstring", [[], ['"""Doc."""']])
def test_hidden_tests_must_not_leave_a_test_without_code(docstring: list[str]) -> None:
    text = function(*docstring, "### BEGIN HIDDEN TESTS", "assert x", "### END HIDDEN TESTS")
    [found] = problems(text)
    assert found.endswith("leaves f without code. Put the markers around all of f.")


def test_all_faults_are_reported_at_once_in_the_order_of_their_lines() -> None:
    text = dedent("""\
        def f(x):
            ### END SOLUTION
            s = "### BEGIN SOLUTION"
            # begin solution
            ### BEGIN SOLUTION
            y = 1
            ### END SOLUTION
            return y
        def g(x):
            ### BEGIN SOLUTION never ends
            return x
        """)
    assert [int(problem.split(":")[1]) for problem in problems(text)] == [2, 3, 4, 5, 8, 10]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(:\n", "a.py:1: not valid Python: invalid syntax."),
        ("x = 1\n  y = 2\n", "a.py:2: not valid Python: unexpected indent."),
        ("x = '\0'\n", "a.py:1: not valid Python: "),
        ("x = '\ud800'\n", "a.py:1: not valid Python: "),
        ("x = " + "-" * 100_000 + "1\n", "a.py:1: "),
    ],
)
def test_a_text_that_is_not_python_is_refused(text: str, expected: str) -> None:
    [found] = problems(text)
    assert found.startswith(expected)


def test_an_invalid_escape_is_not_the_markers_business() -> None:
    assert find_regions("s = '\\d'\n", "a.py") == []
