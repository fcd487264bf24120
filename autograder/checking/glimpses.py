"""What a student may know of a hidden check that went wrong.

Nothing of it is taken from a submission's words. The type of an exception is one of Python's own,
a line is read from the file that was handed in, and a label consists of words that stand in the
file of the check. What is left to a submission is to choose among them: some 30 bits.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from autograder.checking.tools import Run
from autograder.results import CheckResult, Glimpse
from autograder.sandbox.protocol import clean
from autograder.submission.intake import as_text
from course.config import Course

ERRORS = {
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}
LAYERS = Path(__file__).parents[1] / "layers"
FRAME = re.compile(r"(?P<file>week_\d{1,4}/\w+\.py):(?P<line>\d{1,4}) in ", re.ASCII)
WORDS = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*[,:]?", re.ASCII)  # with dots between them
LINES = 1000  # of a file, several times the longest solution: more would tell more


def add_glimpses(run: Run, root: Path) -> None:
    """Give the hidden checks that went wrong what may be known of them.

    Args:
        root: where the files of the submission were put, which its worker can't change.
    """
    for check in run.results.values():
        if check.hidden:
            check.glimpse = glimpse(run, check, root)


def glimpse(run: Run, check: CheckResult, root: Path) -> Glimpse | None:
    kinds = run.raised.get(check.id, ())
    error = next((kind for kind in kinds if kind in ERRORS), "")
    own = {f"week_{run.week.number}/{module}.py" for module in run.week.modules}
    place = own_line(check.traceback, root, own)
    wrong = next((one for one in check.comparisons if not one.passed), None)
    if wrong is None:
        return Glimpse(error=error, place=place) if error or place else None
    known = words_of(files_of(run.course, run.week.number, check.id))
    return Glimpse(label_of(wrong.label, known), wrong.problem, error, place)


def own_line(frames: Sequence[str], root: Path, own: Collection[str]) -> str:
    """The last of these frames that is in a file of the student's.

    A frame is what the worker says, which may be a lie. No more than a file and a number is taken
    from it; what stands there is read from the file.
    """
    for frame in reversed(frames):
        match = FRAME.match(frame)
        file = root / match["file"] if match and match["file"] in own else None
        if match is None or file is None or not file.is_file():
            continue
        text = as_text(file.read_bytes())
        lines, number = re.split(r"\r\n|\r|\n", text), int(match["line"])
        if len(lines) <= LINES and 0 < number <= len(lines) and lines[number - 1].strip():
            source = clean(lines[number - 1].strip(), 200)
            return f"{match['file']}:{number} in {function_at(text, number)}: {source}"
    return ""


def function_at(text: str, line: int) -> str:
    """The innermost function or class around a line, as its file has it."""
    try:
        nodes = ast.walk(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "module"
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    around = [n for n in nodes if isinstance(n, kinds) and n.lineno <= line <= (n.end_lineno or 0)]
    return max(around, key=lambda node: node.lineno).name if around else "module"


def label_of(label: str, known: frozenset[str]) -> str:
    """The beginning of a label, as far as its words stand in the file of the check.

    What follows may be a value: a drawn one, a shape, or a name that a submission gave.
    """
    parts = label.split()
    kept = list(takewhile(lambda part: WORDS.fullmatch(part) and known >= words_in(part), parts))
    return " ".join(kept).rstrip(",:") + (" …" if 0 < len(kept) < len(parts) else "")


def files_of(course: Course, week: int, check: str) -> tuple[Path, ...]:
    """The file of a check, and those that make checks of the promises in it."""
    return (course.checks(week) / check.partition("::")[0], *sorted(LAYERS.glob("*.py")))


@lru_cache(maxsize=64)
def words_of(files: tuple[Path, ...]) -> frozenset[str]:
    return frozenset().union(*(words_in(file.read_text(encoding="utf-8")) for file in files))


def words_in(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[A-Za-z_]\w*", text))
