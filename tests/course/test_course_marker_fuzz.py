"""Markers in texts that nobody thought of."""

from __future__ import annotations

import ast

from hypothesis import example, given, settings
from hypothesis import strategies as st

from course.markers import MarkerErrors, find_regions, strip_hidden, strip_solutions

PIECES = st.sampled_from(
    [
        "### BEGIN SOLUTION do",
        "### BEGIN SOLUTION",
        "### END SOLUTION",
        "### BEGIN HIDDEN TESTS",
        "### END HIDDEN TESTS",
        "def f(x):",
        "class A:",
        "if x:",
        "else:",
        "return x",
        "x = y",
        "(",
        ")",
        "'''",
        "\\",
        "@x",
        "# x",
        "",
    ]
)
LINES = st.lists(st.tuples(st.integers(0, 3), PIECES), max_size=12).map(
    lambda lines: "\n".join("    " * depth + piece for depth, piece in lines)
)


@settings(max_examples=400)
@given(st.one_of(st.text(), LINES))
@example("\x0c### END SOLUTION")
@example("x = 1\\\n### BEGIN SOLUTION a")
def test_any_text_gives_regions_or_marker_errors(text: str) -> None:
    try:
        regions = find_regions(text, "a.py")
        stub = strip_solutions(text, "a.py")
        public = strip_hidden(text, "a.py")
    except MarkerErrors:
        return
    assert regions == []
    ast.parse(stub)
    ast.parse(public)


BODIES = st.lists(
    st.sampled_from(["solution", "y = 1", "hidden", "z = x", '"""Text."""']), max_size=6
)


@given(st.lists(BODIES, min_size=1, max_size=3))
def test_what_is_left_of_a_valid_text_is_valid_and_has_no_markers(bodies: list[list[str]]) -> None:
    regions = {
        "solution": "### BEGIN SOLUTION do\n    secret = 1\n    ### END SOLUTION",
        "hidden": "### BEGIN HIDDEN TESTS\n    secret = 1\n    ### END HIDDEN TESTS",
    }
    for kind, strip in (("hidden", strip_solutions), ("solution", strip_hidden)):
        text = ""
        for index, body in enumerate(bodies):
            lines = [regions.get(line, line) for line in body if line != kind]
            text += f"def f{index}(x):\n" + "".join(f"    {line}\n" for line in ["x = 0", *lines])
        left = strip(text, "a.py")
        ast.parse(left)
        assert "secret" not in left
        assert "###" not in left
        assert find_regions(left, "a.py") == []
