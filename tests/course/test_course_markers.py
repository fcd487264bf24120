"""Markers: the regions, what is cut, and what takes its place."""

from __future__ import annotations

from textwrap import dedent

import pytest

from course.markers import (
    MarkerErrors,
    Region,
    find_regions,
    hidden_lines,
    strip_hidden,
    strip_solutions,
)

FILE = "solutions/week_1/linear.py"

LINEAR = dedent('''\
    import numpy as np


    class Linear:
        """A layer."""

        def __init__(self, size: int) -> None:
            self.size = size

        def forward(self, x):
            """y = W x."""
            ### BEGIN SOLUTION multiply, then shift
            self.x = x
            return x @ self.weight.T
            ### END SOLUTION

        def backward(self, grad_out):
            ### BEGIN SOLUTION apply the chain rule
            return grad_out @ self.weight
            ### END SOLUTION
    ''')

CHECKS = dedent("""\
    import pytest


    def test_public(student):
        assert student.linear
        ### BEGIN HIDDEN TESTS
        assert student.secret
        ### END HIDDEN TESTS


    ### BEGIN HIDDEN TESTS
    import numpy as np


    @pytest.mark.check(weight=2)
    def test_hidden(student):
        assert np.all(student.linear)


    ### END HIDDEN TESTS
    @pytest.mark.check()
    def test_last(student):
        assert student
    """)


def test_regions_have_kind_lines_indent_text_and_name() -> None:
    expected = [
        Region("SOLUTION", 12, 15, "        ", "multiply, then shift", "Linear.forward"),
        Region("SOLUTION", 18, 20, "        ", "apply the chain rule", "Linear.backward"),
    ]
    assert expected == find_regions(LINEAR, FILE)


def test_a_solution_becomes_a_todo_and_an_error_with_its_place() -> None:
    expected = dedent('''\
        import numpy as np


        class Linear:
            """A layer."""

            def __init__(self, size: int) -> None:
                self.size = size

            def forward(self, x):
                """y = W x."""
                # TODO multiply, then shift
                raise NotImplementedError("week_1/linear.py: Linear.forward")

            def backward(self, grad_out):
                # TODO apply the chain rule
                raise NotImplementedError("week_1/linear.py: Linear.backward")
        ''')
    assert expected == strip_solutions(LINEAR, FILE)


def test_the_qualified_name_includes_outer_functions() -> None:
    text = dedent("""\
        def outer():
            def inner():
                ### BEGIN SOLUTION inside
                return 1
                ### END SOLUTION
            return inner
        """)
    assert 'raise NotImplementedError("a.py: outer.inner")' in strip_solutions(text, "a.py")


def test_a_text_without_markers_stays_as_it_is() -> None:
    text = "# the solution ends here\nx = 1  # begin\n\n\n\ny = 2"
    assert text == strip_solutions(text, FILE)
    assert text == strip_hidden(text, FILE)


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_other_line_ends_become_line_feeds(newline: str) -> None:
    assert strip_solutions(LINEAR, FILE) == strip_solutions(LINEAR.replace("\n", newline), FILE)


def test_hidden_tests_are_cut_and_blank_lines_joined() -> None:
    expected = dedent("""\
        import pytest


        def test_public(student):
            assert student.linear


        @pytest.mark.check()
        def test_last(student):
            assert student
        """)
    assert expected == strip_hidden(CHECKS, "test_linear.py")


def test_a_hidden_region_at_the_end_leaves_one_line_end() -> None:
    text = "x = 1\n\n\n### BEGIN HIDDEN TESTS\ny = 2\n### END HIDDEN TESTS\n"
    assert strip_hidden(text, "a.py") == "x = 1\n"


def test_a_hidden_region_at_the_start_leaves_no_blank_lines() -> None:
    text = "### BEGIN HIDDEN TESTS\ny = 2\n### END HIDDEN TESTS\n\n\nx = 1\n"
    assert strip_hidden(text, "a.py") == "x = 1\n"


def test_hidden_lines_are_those_from_marker_to_marker() -> None:
    assert hidden_lines(CHECKS, "a.py") == {6, 7, 8, *range(11, 21)}
    assert hidden_lines(LINEAR, FILE) == set()


def test_a_hidden_test_may_use_what_another_hidden_region_defines() -> None:
    text = dedent("""\
        ### BEGIN HIDDEN TESTS
        import numpy as np
        ### END HIDDEN TESTS
        def test_a():
            assert True
            ### BEGIN HIDDEN TESTS
            assert np.ones(3)
            ### END HIDDEN TESTS
        """)
    assert strip_hidden(text, "a.py") == "def test_a():\n    assert True\n"


def test_an_import_that_only_hidden_tests_use_goes_with_them() -> None:
    text = dedent("""\
        from __future__ import annotations

        import numpy as np
        import numpy.linalg
        from torch import (
            nn,
            optim,
        )
        from torch import cuda

        def test_a():
            assert nn


        ### BEGIN HIDDEN TESTS
        def test_b():
            assert np.ones and optim and numpy and cuda
        ### END HIDDEN TESTS
        """)
    expected = dedent("""\
        from __future__ import annotations

        from torch import nn

        def test_a():
            assert nn
        """)
    assert expected == strip_hidden(text, "a.py")


def test_an_import_that_nobody_uses_stays() -> None:
    text = "import readline\n" + CHECKS
    assert strip_hidden(text, "a.py").startswith("import readline\nimport pytest\n")


def test_an_import_that_shares_its_line_stays() -> None:
    text = "import torch; SIZE = 3\n" + CHECKS.replace("np.all", "torch.all")
    assert strip_hidden(text, "a.py").startswith("import torch; SIZE = 3\nimport pytest\n")


def test_each_kind_has_its_place() -> None:
    with pytest.raises(MarkerErrors, match="a HIDDEN TESTS region has no place here"):
        strip_solutions(CHECKS, FILE)
    with pytest.raises(MarkerErrors, match="a SOLUTION region has no place here"):
        strip_hidden(LINEAR, FILE)
