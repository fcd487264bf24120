"""Slips: what people do to a solution, each in a sentence without a line of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.mutants.mutants import changed
from autograder.mutants.slips import slips, slips_of
from autograder.mutants.wording import WORDS

SOURCE = """
import numpy as np

class Layer:
    def __init__(self, size, bias=True, betas=(0.9, 0.999)):
        self.beta1, self.beta2 = betas
        self.weight = np.ones(size)

    def forward(self, x, target):
        hidden = np.sqrt(x.var(axis=1) + self.eps)
        y = self.weight.data * x - hidden ** 2
        for t in range(len(x)):
            if target is None:
                continue
            y += x[t] @ target.T
        return y.reshape(1, -1)

    def backward(self, grad_out):
        self.weight.grad += grad_out.sum(axis=0)
        return grad_out * self.y
"""

TOLD = {
    "factor": "in Layer.backward a factor were missing: `y`",
    "exponent": "in Layer.forward an exponent 2 were missing",
    "term": "in Layer.forward a term were missing: `eps`",
    "sides": "in Layer.forward the two sides of `@` were exchanged, beside `x` and `target`",
    "function": "in Layer.forward `sqrt` were not called, beside `x`, `var` and `eps`",
    "inside": "in Layer.forward `sqrt` were taken before something is added: `eps`",
    "axis": "in Layer.backward `sum` went along another axis, 1",
    "keyword": "in Layer.backward `sum` went over everything, not along an axis",
    "method": "in Layer.backward `mean` stood where `sum` belongs",
    "branch": "in Layer.forward the condition on `target` always held",
    "overwrite": "in Layer.backward `weight.grad` were replaced, where something is to be added",
    "arithmetic": "in Layer.forward `-=` stood where `+=` belongs",
    "unpacked": "in Layer.__init__ two were taken for each other: `beta1`, `beta2` and `betas`",
    "operand": "in Layer.forward `target` stood where `x` belongs",
    "ones": "in Layer.backward `grad_out` were not looked at, and 1 stood in its place",
    "reshaped": "in Layer.forward axes were reshaped, not exchanged: `target`",
    "flipped": "in Layer.forward `weight` ran backwards on two axes",
    "index": "in Layer.forward another entry were taken than belongs there: `x`",
    "backwards": "in Layer.forward a loop ran backwards: `x`",
    "ends": "in Layer.forward a loop ended where it is to pass over one",
    "spread": "in Layer.forward the variance were divided by one less than there are numbers",
    "order": "in Layer.forward `reshape` went through the entries in another order",
    "unused": "in Layer.forward 0 stood in the place of something that is computed",
}


@pytest.mark.parametrize("name", TOLD)
def test_a_slip_is_made_and_told(name: str) -> None:
    assert any(TOLD[name] in slip.hint for slip in slips_of(SOURCE))


def test_slips_compile_are_different_and_know_their_function() -> None:
    slips = slips_of(SOURCE)
    assert len({ast.dump(ast.parse(slip.source)) for slip in slips}) == len(slips)
    assert {slip.function for slip in slips} == {
        "Layer.__init__",
        "Layer.forward",
        "Layer.backward",
    }


def test_no_sentence_tells_a_local_name_or_a_line_of_the_solution() -> None:
    for slip in slips_of(SOURCE):
        assert "hidden" not in slip.hint
        assert not any(line.strip() in slip.hint for line in SOURCE.splitlines() if " = " in line)


def test_what_the_next_line_needs_is_not_left_out() -> None:
    assert not any(
        "were not set" in slip.hint and "hidden" in slip.hint for slip in slips_of(SOURCE)
    )
    assert all("hidden =" in slip.source for slip in slips_of(SOURCE))


def test_every_kind_of_slip_has_words_and_is_made_of_some_solution() -> None:
    solutions = (Path(__file__).parents[2] / "solutions").glob("week_*/*.py")
    sources = [file.read_text(encoding="utf-8") for file in solutions]
    made = {change.operator for one in sources for _, change, _ in changed(one, slips)}
    assert made == WORDS.keys()
