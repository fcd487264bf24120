"""Runs the cells of an exercise notebook in the worker; a copy of it lies in the import root.

Like the worker it holds the standard library and NumPy, and knows nothing of checks. The grader
sends one cell after another. What they define stays here, in one namespace, from which the
grader reads the arrays that the exercise asks for. Nothing here is trusted.
"""

from __future__ import annotations

import contextlib
import dis
import importlib.machinery
import io
import linecache
import os
import re
import signal
import sys
import types
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

ROOT = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
LARGEST_SIDE = 1200  # pixels of a figure
DPI = 80
MAX_FIGURES = 8  # of one cell
BINDS = re.compile(r"^(?:def|class)\s+(\w+)|^(\w+)\s*=(?!=)", re.MULTILINE)
HARMLESS = re.compile(r"^([ \t]*)%matplotlib\b.*$", re.MULTILINE)
CELL_MAGIC = re.compile(r"^\s*%%\w+", re.MULTILINE)
LINE_MAGIC = re.compile(r"^\s*(?:[\w, ]+=\s*)?([!%]\s*\w+)|^\s*(\?+\w+|\w+\?+)\s*$", re.MULTILINE)

CELLS = types.ModuleType("__main__")
NAMESPACE = CELLS.__dict__
BOUND: dict[str, int] = {}  # name -> the last cell that binds it
ERRORS: dict[int, BaseException] = {}  # cell -> how it ended


class CellTimeout(BaseException):
    """A cell ran for too long. Not an Exception, so that `except Exception` doesn't keep it."""


class NotPython(Exception):
    """A cell with a shell command or a magic, which only Jupyter understands."""


class Packages:
    """Finds these packages in one folder, and nothing else that lies there."""

    def __init__(self, folder: str, names: Sequence[str]) -> None:
        self.folder, self.names = folder, frozenset(names)

    def find_spec(self, name: str, path: Any = None, _target: Any = None) -> Any:
        if path is not None or name not in self.names:
            return None
        return importlib.machinery.PathFinder.find_spec(name, [self.folder])


def prepare(folder: str, names: list[str], settings: str, fonts: dict[str, str]) -> None:
    """Make matplotlib importable, without a display and without a search for fonts.

    Args:
        folder: holds the packages.
        names: the packages that may be imported from there.
        settings: matplotlib's own folder, made if it is missing.
        fonts: files to put there.
    """
    sys.meta_path.append(Packages(folder, names))
    os.environ["MPLBACKEND"], os.environ["MPLCONFIGDIR"] = "agg", settings
    os.makedirs(settings, exist_ok=True)  # noqa: PTH103
    for name, text in fonts.items():
        path = os.path.join(settings, name)  # noqa: PTH118
        if not os.path.exists(path):  # noqa: PTH110
            with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
                file.write(text)
    sys.modules["__main__"] = CELLS
    NAMESPACE["display"] = print  # Jupyter's


def run_cell(number: int, label: str, source: str, seconds: float) -> dict[str, Any]:
    """Run a cell; how it ended, and the figures that it drew. Later cells go on after an error."""
    filename = f"{ROOT}/{label}"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    try:
        with time_limit(seconds), warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*non-interactive.*")  # plt.show() on agg
            code = compiled(number, source, filename)
            exec(code, NAMESPACE)
        figures = take_figures(seconds)
    except BaseException as error:  # SystemExit and KeyboardInterrupt are the submission's
        ERRORS[number] = error
        with contextlib.suppress(BaseException):
            sys.modules["matplotlib.pyplot"].close("all")
        kinds = [kind.__name__ for kind in type(error).__mro__]
        return {"error": kinds, "message": str(error)[:500], "figures": []}
    return {"error": [], "message": "", "figures": figures}


def compiled(number: int, source: str, filename: str) -> types.CodeType:
    """The cell's code; notes which names it will bind."""
    # As text first: of a cell that isn't Python, and of what an endless loop keeps from running.
    BOUND.update(dict.fromkeys((a or b for a, b in BINDS.findall(source)), number))
    try:
        code = compile(source, filename, "exec", dont_inherit=True)
    except SyntaxError:
        plain = HARMLESS.sub(r"\1pass", source)
        refuse_magic(plain)
        code = compile(plain, filename, "exec", dont_inherit=True)
    stores = {i.argval for i in dis.get_instructions(code) if i.opname == "STORE_NAME"}
    BOUND.update(dict.fromkeys(stores, number))
    return code


def refuse_magic(source: str) -> None:
    """Raise NotPython for what is no fault of the Python in a cell."""
    if magic := CELL_MAGIC.search(source):
        raise NotPython(f"{magic[0].strip()} is a magic of Jupyter: the grader runs plain Python")
    with contextlib.suppress(SyntaxError):
        compile(source, "cell", "exec", dont_inherit=True)
        return
    if command := LINE_MAGIC.search(source):
        text = command[0].strip()[:60]
        what = "a shell command" if (command[1] or "").startswith("!") else "a magic of Jupyter"
        raise NotPython(f"`{text}` is {what}: the grader runs plain Python only")


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt after `seconds`; where a system has no timers, the grader ends the process."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise CellTimeout(f"stopped after {seconds:g} s: is there a loop that never ends?")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def take_figures(seconds: float) -> list[Any]:
    """The figures that are open, as the bytes of PNG files; closes them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    images = []
    with time_limit(seconds):
        for number in pyplot.get_fignums()[:MAX_FIGURES]:
            figure, buffer = pyplot.figure(number), io.BytesIO()
            dpi = min(DPI, LARGEST_SIDE / max(figure.get_size_inches()))
            figure.savefig(buffer, format="png", dpi=dpi)
            images.append(np.frombuffer(buffer.getvalue(), np.uint8))
        pyplot.close("all")
    return images


def read(name: str) -> Any:
    """What the cells call `name`. Raises what kept them from defining it."""
    if name not in NAMESPACE:
        raise reason(name, ())
    return NAMESPACE[name]


def call(name: str, *args: Any, **kwargs: Any) -> Any:
    """Call a function that the cells define."""
    return read(name)(*args, **kwargs)


def reason(name: str, seen: tuple[str, ...]) -> BaseException:
    """Why a name isn't there: the error of the cell that should bind it, or of one before that."""
    error = ERRORS.get(BOUND.get(name, -1))
    if error is None:
        return NameError(f"no cell of the notebook defines `{name}`")
    needed = error.name if isinstance(error, NameError) else None
    if needed and needed in BOUND and needed not in NAMESPACE and needed not in seen:
        return reason(needed, (*seen, name))
    return error
