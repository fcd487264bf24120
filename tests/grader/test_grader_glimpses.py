"""What is shown of a hidden check holds nothing that a submission could put there."""

from __future__ import annotations

import io
import re
from pathlib import Path
from textwrap import dedent

import pytest
from grader_course import LINEAR, graded, options
from rich.console import Console

from autograder.checking.glimpses import LINES, files_of, function_at, label_of, own_line, words_of
from autograder.grading import grade
from autograder.report import html, markdown, terminal
from autograder.report.redaction import for_student
from autograder.results import Record, encode
from course.config import Course, load_course

REPOSITORY = Path(__file__).parents[2]
LEAK = re.compile(r"leak_[0-9a-f]{8,}")

# Each keeps what it is given, and brings it into whatever may be shown. Public checks see none.
PLACES = {
    "message": "raise ValueError(text)",
    "class": "raise type(text, (ValueError,), {})(text)",
    "function": """
        code = f"def {text}():\\n    raise ValueError\\n{text}()"
        exec(compile(code, __file__, "exec"), {})
    """,
    "source": """
        lines = [f"raise ValueError  # {text}\\n"] * 90
        import linecache
        linecache.cache[__file__] = (1, None, lines, __file__)
        raise ValueError
    """,
    "file": """
        name = __file__.replace("linear.py", f"{text}.py")
        exec(compile("raise ValueError", name, "exec"), {})
    """,
    "print": """
        print(text)
        raise ValueError
    """,
    "reply": """
        import __main__
        frames = [["week_1/linear.py", 9, text, text], [f"week_1/linear.py:9 in {text}", 1, "", ""]]
        answer = {"status": "raised", "kinds": [text, "ValueError"], "message": text}
        __main__.Server.describe = lambda *_: {**answer, "frames": frames}
        raise ValueError
    """,
}


def attack(place: str) -> str:
    indented = dedent(PLACES[place]).strip().replace("\n", "\n        ")
    return LINEAR + dedent("""
def attacked(right):
    def forward(self, x):
        if len(seen) < {count}:
            seen.append(0)
            return right(self, x)
        text = "leak_" + x.tobytes()[:12].hex()
        {attack}
    return forward
seen = []
Linear.forward = attacked(Linear.forward)
""").format(attack=indented, count=5)


@pytest.mark.parametrize("place", PLACES)
def test_what_a_submission_saw_is_nowhere(course: Course, tmp_path: Path, place: str) -> None:
    record = graded(course, tmp_path / "mallory", attack(place))
    hidden = [check for check in record.checks if check.hidden and check.verdict == "error"]
    assert len(hidden) > 3
    shown = everything(for_student(record))
    leaked = {leak for check in hidden for leak in LEAK.findall(str(check))}
    public = {leak for c in record.checks if not c.hidden for leak in LEAK.findall(str(c))}
    assert leaked or place in ("file", "source")
    assert set() == (leaked - public) & set(LEAK.findall(shown))
    assert {"ValueError"} == {check.glimpse.error for check in hidden if check.glimpse}
    for check in for_student(record).checks:
        if check.hidden and check.traceback:
            line, source = re.fullmatch(
                r"week_1/linear.py:(\d+) in \w+: (.*)", check.traceback[0]
            ).groups()
            assert attack(place).splitlines()[int(line) - 1].strip() == source


def everything(record: Record) -> str:
    file = io.StringIO()
    terminal.render(record, Console(file=file, width=80))
    reports = [encode(record).decode(), html.render(record), markdown.render(record)]
    return "\n".join([*reports, *markdown.annotations(record), file.getvalue()])


def test_honest_mistake_is_seen_with_its_line(course: Course, tmp_path: Path) -> None:
    wrong = LINEAR.replace("self.weight.grad += grad.T @ rows", "self.weight.grad += rows.T @ grad")
    record = for_student(graded(course, tmp_path / "ada", wrong))
    hidden = [check for check in record.checks if check.hidden and check.verdict == "error"]
    assert hidden
    for check in hidden:
        assert check.message.startswith("Your code raised ValueError. The inputs are hidden")
        assert "in backward: self.weight.grad += rows.T @ grad" in check.traceback[0]
    wrong = LINEAR.replace("self.bias.grad += grad.sum(axis=0)", "self.bias.grad += grad.sum()")
    record = for_student(graded(course, tmp_path / "bob", wrong))
    said = {check.message for check in record.checks if check.hidden and check.verdict == "failed"}
    assert "gradient of bias: it isn't what is expected." in " ".join(said)


def test_line_is_read_from_the_file_and_function_from_its_text(tmp_path: Path) -> None:
    text = "import os\n\nclass A:\n    def f(self):\n        return 1\n"
    (tmp_path / "week_1").mkdir()
    (tmp_path / "week_1" / "a.py").write_text(text)
    (tmp_path / "week_1" / "long.py").write_text("x = 1\n" * (LINES + 1))
    (tmp_path / "secret.py").write_text("secret = 1\n")
    own = {"week_1/a.py", "week_1/long.py", "week_1/missing.py"}

    def line(*frames: str) -> str:
        return own_line(frames, tmp_path, own)

    assert "week_1/a.py:5 in f: return 1" == line("week_1/a.py:5 in secret: secret")
    assert "week_1/a.py:3 in A: class A:" == line("week_1/a.py:3 in x: y", "given/a.py:5 in f: z")
    for place in ("a.py:2", "a.py:6", "a.py:0", "a.py:99", "long.py:1", "missing.py:1"):
        assert "" == line(f"week_1/{place} in f: x")
    for name in ("secret.py:1", "../secret.py:1", "week_1/../secret.py:1", "/etc/passwd:1"):
        assert "" == line(f"{name} in f: x")
    assert "module" == function_at("def f(:\n", 1)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("gradient of weight", "gradient of weight"),
        ("gradient of weight, Linear(3, 4), input (2, 3)", "gradient of weight …"),
        ("gradient of leak_3f2a", "gradient of …"),
        ("gradient of weight=7", "gradient of …"),
        ("gradient.weight, of", "gradient.weight, of"),
        ("gradient.0.weight", ""),
        ("[1.5]", ""),
        ("", ""),
    ],
)
def test_label_is_shown_as_far_as_its_words_are_those_of_the_check(
    label: str, expected: str
) -> None:
    assert expected == label_of(label, frozenset({"gradient", "of", "weight", "a"}))


@pytest.mark.proof
@pytest.mark.parametrize("number", range(1, 11))
def test_labels_that_are_shown_do_not_depend_on_the_secret(number: int) -> None:
    one, other = (shown_labels(number, secret) for secret in ("one", "another"))
    assert one == other


def shown_labels(number: int, secret: str) -> set[tuple[str, str]]:
    """Of the hidden checks, as they are if each of them failed."""
    course = load_course(REPOSITORY)
    plain = options(secret=secret)  # on a busy machine, a check must come to its end
    record = grade(course, course.week(number), course.folder(number), plain)
    return {
        (check.id, label_of(comparison.label, words_of(files_of(course, number, check.id))))
        for check in record.checks
        if check.hidden
        for comparison in check.comparisons
    }
