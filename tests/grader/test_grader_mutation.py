"""Mutants are made of a source alone: which ones, their ids, and what they leave as it is."""

from __future__ import annotations

import ast

import pytest
from grader_course import LINEAR

from autograder.mutants.mutants import Mutant, mutants_of

MODULE = '''\
"""Σ: a docstring with 1 + 1 in it."""


class Layer:
    """Another, x > 0."""

    def __init__(self, size: int = 3) -> None:
        self.size = size

    def forward(self, x: float) -> float:
        """Not to be changed: 2."""
        if x < 0:
            raise ValueError(f"x is {x + 1}")
        return self.shift(  # Σ x
            x,
            by=x * 4,
        )
'''


def made(code: str, operator: str) -> list[str]:
    """The changed lines of a function with this code, made by one operator."""
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    found = mutants_of("code", f"def f(x, y):\n{lines}")
    return [mutant.after for mutant in found if f":{operator}-" in mutant.id]


@pytest.mark.parametrize(
    ("operator", "code", "after"),
    [
        ("arithmetic", "z = x + y", ["z = (x - y)"]),
        ("arithmetic", "z = x @ y", ["z = (x * y)"]),
        ("arithmetic", "z = x * (x - y)", ["z = (x / (x - y))", "z = x * ((x + y))"]),
        ("arithmetic", "x += y", ["x -= y"]),
        ("overwrite", "x += y", ["x = y"]),
        ("sign", "z = -x", ["z = x"]),
        ("comparison", "z = x < y", ["z = (x <= y)", "z = (x >= y)"]),
        ("comparison", "z = x is not None", ["z = (x is None)"]),
        ("comparison", "z = x in y", ["z = (x not in y)"]),
        ("boolean", "z = x and y", ["z = (x or y)", "z = y", "z = x"]),
        ("boolean", "z = not x", ["z = x"]),
        ("condition", "z = 1 if x else y", ["z = 1 if (not x) else y"]),
        ("condition", "z = 1 if x < y else y", []),  # which `comparison` turns around
        ("condition", "z = [a for a in x if a.ok]", ["z = [a for a in x if (not a.ok)]"]),
        ("constant", "z = 0", ["z = 1", "z = (-1)"]),
        ("constant", "z = 1", ["z = 2", "z = 0"]),
        ("constant", "z = x.max(axis=-1)", ["z = x.max(axis=0)", "z = x.max(axis=(-2))"]),
        ("constant", "z = x.max(keepdims=True)", ["z = x.max(keepdims=False)"]),
        ("constant", "z = 0.5", ["z = 1.5", "z = 0.25"]),
        ("constant", "z = 0.0", ["z = 1.0"]),
        ("constant", "z = x.reshape(-1, y)", ["z = x.reshape(0, y)"]),
        ("text", 'z = x == "mean"', ["z = x == ''"]),
        ("text", 'z = x.get("mean")', []),
        ("statement", "x.append(y)", ["pass"]),
        ("statement", "for a in x:\n    continue", ["pass"]),
        ("raise", 'raise ValueError("x" + 1)', ["pass"]),
        ("return", "return x", ["return (-x)"]),
        ("return", "return x, y", ["return (-x), y", "return x, (-y)"]),
        ("return", "return [x]", []),
        ("slice", "z = x[:]", ["z = x[1:]", "z = x[:-1]"]),
        ("slice", "z = x[2:y:3]", ["z = x[2:y - 1:3]", "z = x[2:y]"]),
        ("slice", "z = x[y:-1]", ["z = x[y + 1:-1]"]),
        ("method", "z = x.sum()", ["z = x.mean()"]),
        ("method", "z = np.zeros(x)", ["z = np.ones(x)"]),
        ("method", "z = max(x)", ["z = min(x)"]),
        ("method", "z = sum(x)", []),  # there is no function `mean`
        ("swap", "z = pad(x, y, 3)", ["z = pad(y, x, 3)", "z = pad(x, 3, y)"]),
        ("swap", "z = np.maximum(x, y)", []),
        ("swap", "z = x.swapaxes(0, 1)", []),
        ("swap", "z = pad(*x, y)", []),
        (
            "keyword",
            "z = x.sum(axis=0, keepdims=y)",
            ["z = x.sum(keepdims=y)", "z = x.sum(axis=0)"],
        ),
        ("keyword", "z = pad(**x)", []),
        ("dtype", "z = np.zeros(x, dtype=y.dtype)", ["z = np.zeros(x)"]),
        ("dtype", "z = np.zeros(x, y.dtype)", ["z = np.zeros(x)"]),
        ("dtype", "z = x.astype(y)", ["z = x"]),
        ("copy", "z = x.copy()", ["z = x"]),
        ("copy", "z = list(x)", ["z = x"]),
        ("copy", "z = np.array(x)", ["z = x"]),
        ("transpose", "z = x.T", ["z = x"]),
        ("transpose", "z = x.swapaxes(0, 1)", ["z = x"]),
        ("form", "z = x.reshape(y)", ["z = x"]),
    ],
)
def test_operator_makes_these_changes_and_no_other(
    operator: str, code: str, after: list[str]
) -> None:
    assert after == made(code, operator)


def test_attributes_with_similar_names_are_swapped_where_they_are_read() -> None:
    code = """\
class Layer:
    def __init__(self):
        self.weight_ih, self.weight_hh, self.weight, self.beta1, self.beta2 = range(5)

    def forward(self, x):
        return self.weight_ih + self.beta1(x) + self.beta2 + self.weight
"""
    found = [m.after for m in mutants_of("code", code) if ":attribute-" in m.id]
    assert [
        "return self.weight_hh + self.beta1(x) + self.beta2 + self.weight",
        "return self.weight_ih + self.beta1(x) + self.beta1 + self.weight",
    ] == found


def test_docstrings_annotations_and_messages_stay() -> None:
    for mutant in mutants_of("code", MODULE):
        for text in ('"""Σ: a docstring with 1 + 1 in it."""', '"""Another, x > 0."""',
                     '"""Not to be changed: 2."""', "size: int", "-> float"):  # fmt: skip
            assert text in mutant.source
        assert 'f"x is {x + 1}"' in mutant.source or mutant.id == "code.Layer.forward:raise-1"


def test_mutant_is_the_source_with_one_change_and_tells_it_in_a_line() -> None:
    by_id = {mutant.id: mutant for mutant in mutants_of("code", MODULE)}
    assert by_id["code.Layer.forward:arithmetic-1"] == Mutant(
        id="code.Layer.forward:arithmetic-1",
        module="code",
        line=16,
        before="by=x * 4,",
        after="by=(x / 4),",
        source=MODULE.replace("x * 4", "(x / 4)"),
    )
    whole = by_id["code.Layer.forward:return-1"]
    assert "return self.shift(  # Σ x x, by=x * 4, )" == whole.before
    assert "return (-self.shift(x, by=x * 4))" == whole.after
    assert "code.Layer.__init__:constant-1" in by_id


def test_mutants_of_a_source_are_always_the_same_and_all_different() -> None:
    found = mutants_of("linear", LINEAR)
    assert found == mutants_of("linear", LINEAR)
    assert len(found) == len({mutant.id for mutant in found})
    trees = {ast.dump(ast.parse(mutant.source)) for mutant in found}
    assert len(found) == len(trees - {ast.dump(ast.parse(LINEAR))})


def test_ids_stay_when_other_functions_and_lines_change() -> None:
    before = mutants_of("linear", LINEAR)
    changed = LINEAR.replace("    def forward", "    # More.\n\n    def forward").replace(
        "        bound = 1", "        more = 3\n        bound = 1"
    )
    kept = [(m.id, m.after) for m in before if ".forward:" in m.id or ".backward:" in m.id]
    assert kept
    assert set(kept) <= {(m.id, m.after) for m in mutants_of("linear", changed)}
