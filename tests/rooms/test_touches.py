"""What a submission returned is touched through parity alone, in every check of every course."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.author.verify_touches import touches, verify_touches
from course.config import load_course

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "solutions" / "fixtures.py"
CHECKS = sorted(ROOT.glob("solutions/week_*/checks/*.py"))
CHECKS += sorted(ROOT.glob("tests/courses/*/solutions/week_*/checks/*.py"))
CHECKS += sorted(ROOT.glob("autograder/author/template/**/checks/*.py-tpl"))


@pytest.mark.parametrize("path", [FIXTURES, *CHECKS], ids=lambda path: "/".join(path.parts[-3:]))
def test_check_hands_on_what_a_submission_returned(path: Path) -> None:
    name = path.relative_to(ROOT)
    assert [] == [f"{name}:{line}: {what}" for line, what in touches(path, [FIXTURES])]


# In a copy of week 1's checks of Linear: what is touched, and how.
FORBIDDEN = {
    "x = 2 * layer.forward(x)": ("layer.forward(x)", "computed with"),
    "assert layer.forward(x) > 0": ("layer.forward(x)", "compared"),
    "n = len(layer.forward(x))": ("layer.forward(x)", "handed to a function"),
    "y = layer.forward(x)[0]": ("layer.forward(x)", "indexed"),
    "y = np.asarray(layer.read('weight.grad'), dtype=float)": (
        "layer.read('weight.grad')",
        "handed to a function",
    ),
    "s = layer.weight.grad.shape": ("layer.weight.grad.shape", "asked for an attribute"),
    "y = layer.forward(x).mean()": ("layer.forward(x).mean", "asked for an attribute"),
    "y = f'got {layer.forward(x)}'": ("layer.forward(x)", "put into a text"),
    "y = 1 if layer.forward(x) else 2": ("layer.forward(x)", "asked whether it is true"),
    "if not layer.forward(x):\n        return": ("layer.forward(x)", "asked whether it is true"),
    "a, b = layer.forward(x)": ("(a, b)", "unpacked"),
    "y = max(*layer.forward(x))": ("layer.forward(x)", "unpacked"),
    "for y in layer.forward(x):\n        pass": ("layer.forward(x)", "gone through"),
    "y = layer.state_dict()()": ("layer.state_dict()", "called"),
    "y = worker.fetch(worker.keep(x)) + 1": ("worker.fetch(worker.keep(x))", "computed with"),
    "oracle.layer('ReLU', [], {}, {}, [layer.forward(x)])": (
        "[layer.forward(x)]",
        "handed to a function",
    ),
    "parity('y', x, layer.forward(x))": ("layer.forward(x)", "handed to a function"),
    "parity.holds('y', layer.forward(x), '')": ("layer.forward(x)", "handed to a function"),
    # on its way through names, collections, functions, fixtures and classes
    "y = got = layer.forward(x)\n    z = -got": ("got", "computed with"),
    "y, n = layer.forward(x), 3\n    z = n + y": ("y", "computed with"),
    "y = [layer.forward(x) for _ in range(2)]\n    z = y[1] + 1": ("y[1]", "computed with"),
    "y = {}\n    y['a'] = layer.forward(x)\n    z = y['a'] + 1": ("y['a']", "computed with"),
    "y = []\n    y.append(layer.forward(x))\n    z = np.stack(y)": ("y", "handed to a function"),
    "y = [layer.forward(x)]\n    y.append(x)\n    z = y[x] + 1": ("y[x]", "computed with"),
    "for i, y in enumerate([layer.forward(x)]):\n        z = i + y": ("y", "computed with"),
    "y = half(layer.forward(x))": ("value", "computed with"),
    "y = (lambda v: v / 2)(layer.forward(x))": ("v", "computed with"),
    "y = made(3) + 1": ("made(3)", "computed with"),
    "y = Case(layer).run(x) < 2": ("Case(layer).run(x)", "compared"),
    "parity.refuses('y', lambda: 1 + layer.forward(x))": ("layer.forward(x)", "computed with"),
    "if x is None:\n        y = x\n    else:\n        y = layer.forward(x)\n    z = y + 1": (
        "y",
        "computed with",
    ),
    "n = 0\n    for _ in range(2):\n        z = n + 1\n        n = layer.forward(x)": (
        "n",
        "computed with",
    ),
}
FORBIDDEN |= {
    "y = parity.parts('y', layer.forward(x), 2)[0] * 2": (
        "parity.parts('y', layer.forward(x), 2)[0]",
        "computed with",
    ),
    "y = parity.item(layer.state_dict(), 'weight')[0]": (
        "parity.item(layer.state_dict(), 'weight')",
        "indexed",
    ),
    "a, b = contract.untouched(layer, {'x': x}, {})\n    c = a - x": ("a", "computed with"),
    "model = notebook.call('make_model')\n    model.forward(x)": (
        "model.forward",
        "asked for an attribute",
    ),
}
ALLOWED = [
    "y = parity.array('y', layer.forward(x), (5, 4))\n    z = f'{y[0].mean() + len(y)}'",
    "a, b = parity.parts('y', layer.forward(x), 2)\n    parity('a', a, x)",
    "state = parity.arrays('s', layer.state_dict(), [(4, 3)])\n    z = state['weight'] @ x",
    "parity('y', parity.item(notebook.read('losses'), 'SGD'), x)",
    "parity.holds('y', False, f'got {parity.describe(layer.forward(x))}')",
    "model = notebook.make('model', worker.generator(3))\n    parity('y', model.forward(x), x)",
    "y, n = layer.forward(x), 3\n    parity('y', y, x + n)",
    "layer.weight.data = x\n    layer.weight = layer.read('bias')",
    "a, b = (layer.forward(x) for _ in range(2))\n    parity.equal('y', [a, b], [1, 2])",
    "value = training.accuracy(layer, x, x)\n    parity.holds('y', value > 0.5, f'{value:.2f}')",
    "parity('y', layer.forward(layer.forward(x)), worker.call)",
    "given.module.Sequential(*[student.linear.Linear(3, 4) for _ in range(2)]).forward(x)",
    "y = layer.forward(x)\n    y = x + 1\n    z = y + 1",
]
AROUND = """

def half(value):
    return value / 2


@pytest.fixture
def made(student):
    def make(n):
        layer = getattr(student.linear, "Linear")(n, n)
        return layer.forward(np.ones(n))

    return make


class Case:
    def __init__(self, layer):
        self.layer = layer

    def run(self, x):
        return self.layer.forward(x)


def test_it(contract, student, given, worker, notebook, oracle, parity, training, made):
    x = contract.rng.standard_normal((5, 3))
    layer = student.linear.Linear(3, 4)
    BODY
"""


def with_check(folder: Path, body: str) -> tuple[Path, int]:
    """Week 1's checks of Linear with one more, and the line at which its body begins."""
    file = folder / "test_linear.py"
    text = (ROOT / "solutions/week_1/checks/test_linear.py").read_text(encoding="utf-8")
    text += AROUND.replace("BODY", body)
    file.write_text(text, encoding="utf-8")
    return file, text[: text.index(f"    {body}")].count("\n") + 1


@pytest.mark.parametrize("body", FORBIDDEN)
def test_touch_is_found(body: str, tmp_path: Path) -> None:
    expression, how = FORBIDDEN[body]
    file, first = with_check(tmp_path, body)
    ((line, sentence),) = touches(file)
    assert sentence.startswith(f"{expression}: what a submission returned is {how}; use ")
    inside = range(first, first + body.count("\n") + 1)
    assert line in inside or expression == "value"  # it is the helper that touches it


@pytest.mark.parametrize("body", ALLOWED)
def test_handing_on_is_no_touch(body: str, tmp_path: Path) -> None:
    assert [] == list(touches(with_check(tmp_path, body)[0]))


def test_fixture_of_the_course_returns_values_too(tmp_path: Path) -> None:
    fixtures = tmp_path / "fixtures.py"
    fixtures.write_text(
        "import pytest\n\n@pytest.fixture\ndef got(student):\n    return student.a.b()\n"
    )
    file = tmp_path / "test_a.py"
    file.write_text("def test_a(got):\n    assert got == 3\n")
    assert [2] == [line for line, _ in touches(file, [fixtures])]


def test_verify_says_file_line_and_what_to_use(tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(ROOT / "tests" / "courses" / "clustering", course)
    week = load_course(course).week(1)
    assert () == verify_touches(load_course(course), week).problems
    file = course / "solutions" / "week_1" / "checks" / "test_kmeans.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('parity("inertia", model.step(x), ', "assert (model.step(x) == "))
    (problem,) = verify_touches(load_course(course), week).problems
    assert problem == (
        "solutions/week_1/checks/test_kmeans.py:21: model.step(x): what a submission returned is "
        "compared; use parity(label, got, expected) or parity.equal(label, got, expected)"
    )
