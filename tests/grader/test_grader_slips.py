"""Slips: what people do to a solution, each in a sentence without a line of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.mutants.places import places
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
    "order": "in Layer.forward the entries stood in another order before `reshape`",
    "turned": "in Layer.forward one of the two matrices beside `@` were transposed: `x`",
    "added twice": "in Layer.forward a term were added twice: `eps`",
    "truth": "in Layer.forward `target` were asked for its truth, so that 0 is taken for None",
    "one of": "in Layer.backward only the first were taken, where `sum` goes over all: `grad_out`",
    "unused": "in Layer.forward 0 stood in the place of something that is computed",
}


# A method, a slip that is made of it, and its sentence.
PARTS = [
    (
        "return self.norm.forward(x)",
        "return x",
        "`norm.forward` were not called, or what it gives were not used",
    ),
    (
        "return self.norm.forward(-x)",
        "return self.norm.forward(x)",
        "a sign were the wrong one: `x`",
    ),
    (
        "return self.norm.forward(x)",
        "return self.norm.forward(-x)",
        "what `norm.forward` is given had the other sign",
    ),
    (
        "return self.encoder.forward(x, mask)",
        "return self.encoder.forward(x)",
        "`mask` were not passed to `encoder.forward`",
    ),
    ("masks = (x, mask)", "masks = (x, None)", "`mask` were not handed on"),
    (
        "return self.drop.forward(self.norm.forward(x))",
        "return self.norm.forward(self.drop.forward(x))",
        "`drop.forward` were called before `norm.forward`, not after it",
    ),
    (
        "return self.norm.forward(x + mask)",
        "return mask + self.norm.forward(x)",
        "`norm.forward` were called before something is added, not after that",
    ),
    (
        "return x + self.norm.forward(mask)",
        "return self.norm.forward(x + mask)",
        "`norm.forward` were called after something is added, not before that",
    ),
    (
        "return self.head.forward(np.exp(x))",
        "return x",
        "`x` were returned as it came, where something is to be computed from it",
    ),
    (
        "for layer in self.layers:\n            x = layer.forward(x)",
        "for layer in self.layers[:1]:\n            x = layer.forward(x)",
        "a loop met only the first of `layers`",
    ),
    ("y = x == self.pad_id", "y = x == 0", "something were compared with 0, not with `pad_id`"),
    (
        "return np.where(x != mask, x, 0)",
        "return np.where(np.ones_like(x != mask), x, 0)",
        "the condition on `x` and `mask` held everywhere",
    ),
    (
        "y = self.head.forward(x[:, 0])",
        "y = self.head.forward(x[:, -1])",
        "entry -1 along an axis stood where entry 0 belongs: `x`",
    ),
    (
        "y = self.head.forward(x[:, 0])",
        "y = self.head.forward(x[:, 1:].mean(axis=1))",
        "the mean of all but the first along an axis stood where a single entry belongs",
    ),
    (
        "return x.mean() + mask.mean()",
        "return x.sum() + mask.sum()",
        "`sum` stood wherever `mean` belongs",
    ),
    ("return np.triu(x, 1)", "return np.triu(x, 0)", "`triu` began at another diagonal, 0"),
    ("return np.triu(x, 1)", "return np.tril(x, -1)", "`tril` stood where `triu` belongs"),
    (
        "return np.where(mask, x, 0)",
        "return np.where((~mask if mask is not None and mask.dtype == bool else mask), x, 0)",
        "`mask` were read the wrong way round",
    ),
    (
        "return self.norm1(self.norm2(self.norm1(x)))",
        "return self.norm2(self.norm1(self.norm2(x)))",
        "`norm1` and `norm2` were taken for each other",
    ),
    (
        "return np.where(x > 0, x, mask)",
        "return np.where(x > 0, mask, x)",
        "True were taken for False in a condition or a mask: `np.where`, `x` and `mask`",
    ),
    ('return " ".join(x)', 'return "".join(x)', "pieces of text were joined without a space"),
    ("return [y for y in x if y > mask]", "return [y for y in x if True]", "`mask` held for all"),
    ("return x[:mask]", "return x[-mask:]", "the end were kept, not the beginning: `x` and `mask`"),
    ("return [x, mask]", "return [mask, x]", "two parts stood in the other order: `x` and `mask`"),
    ('return x in "PS"', 'return x in "P"', "not all kinds of characters were meant, 'P' alone"),
    ("return list(dict.fromkeys(x))", "return list(x)", "repetitions stayed: `x`"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), PARTS)
def test_parts_are_forgotten_and_exchanged(right: str, wrong: str, told: str) -> None:
    slips = {ast.unparse(ast.parse(slip.source)): slip.hint for slip in slips_of(method(right))}
    assert told in slips[ast.unparse(ast.parse(method(wrong)))]


def method(body: str) -> str:
    return f"class Layer:\n    def forward(self, x, mask):\n        {body}\n"


def test_what_nobody_writes_is_the_same_on_every_machine() -> None:
    source = method("y = np.empty(mask)\n        y[1:] = x * mask\n        return y")
    assert not any("np.empty" in slip.source for slip in slips_of(source))


def test_what_is_made_of_nothing_needs_no_name_to_be_told() -> None:
    """Local names are not told: how many there are is."""
    source = method("a, b, c = x\n        return a + b + c")
    assert any("a term were missing, one of 3" in slip.hint for slip in slips_of(source))


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
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in solutions]
    made = {c.operator for tree in trees for place in places(tree) for c in slips(place)}
    assert made == WORDS.keys()
