"""Runs the cells of a submitted notebook in a worker, and holds what checks ask them for.

The notebook has a worker of its own, so nothing that it does touches the checks of the modules.
matplotlib is there for it, bound by name, and no other library. Checks read arrays and call
functions by name: the cells with nbgrader's tests run like any other, and count for nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from autograder.notebook import pictures
from autograder.options import Options
from autograder.results import Figure, private_folder
from autograder.sandbox import launch
from autograder.sandbox.mounts import ENGINE
from autograder.sandbox.process import WorkerCrashed, WorkerNotStarted, WorkerTimeout
from autograder.sandbox.protocol import ProtocolError, clean
from autograder.sandbox.remote import Function
from autograder.sandbox.session import Session, StudentError
from course.config import Course, Week
from course.notebooks import NAME, Cell

RUNNER = ENGINE / "worker" / "notebook_cells.py"
# What `import matplotlib.pyplot` and saving a figure as PNG takes, and the libraries of each.
PACKAGES = (
    *("matplotlib", "matplotlib.libs", "mpl_toolkits", "contourpy", "contourpy.libs", "cycler"),
    *("dateutil", "fontTools", "kiwisolver", "packaging", "PIL", "pillow.libs", "pyparsing"),
    "six.py",
)
IMPORTABLE = [name.removesuffix(".py") for name in PACKAGES if not name.endswith(".libs")]
GRACE = 5.0  # seconds between interrupting a cell and killing its process
MAX_FIGURES = 8
MAX_FIGURE_BYTES = 2 << 20  # of all
MAX_NOTES = 6


class Notebook(msgspec.Struct):
    """A notebook that has run: what checks ask it for.

    Each method raises what kept the notebook from answering: StudentError with the exception of
    the cell, WorkerTimeout or WorkerCrashed if it ended the process.
    """

    session: Session
    generation: int = 0
    problem: Exception | None = None
    figures: list[Figure] = []
    notes: list[str] = []

    def read(self, name: str) -> Any:
        """A copy of what the notebook calls `name`."""
        return self.ask("read", name)

    def keep(self, name: str) -> Any:
        """The same, left in the worker whatever it is."""
        return self.ask("read", name, stays=True)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """What a function of the notebook returns."""
        return self.ask("call", name, *args, **kwargs)

    def make(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """What it returns, left in the worker whatever it is: a model, to call its methods."""
        return self.ask("call", name, *args, stays=True, **kwargs)

    def ask(self, function: str, *args: Any, stays: bool = False, **kwargs: Any) -> Any:
        if self.problem is None and self.generation != self.session.generation:
            self.problem = WorkerCrashed("an earlier check ended the notebook's process")
        if self.problem is not None:
            raise self.problem
        try:
            return Function(self.session, RUNNER.stem, (function,)).ask(stays, args, kwargs)
        except StudentError as error:
            if "CellTimeout" in error.kinds:
                raise WorkerTimeout from error
            error.frames = [f for f in error.frames if not f.startswith(RUNNER.name)]
            raise

    def note(self, text: str) -> None:
        if len(self.notes) < MAX_NOTES:
            self.notes.append(clean(text, 400))


def run_cells(
    course: Course, week: Week, session: Session, cells: list[Cell], options: Options
) -> Notebook:
    """Run the code cells in their order. An error ends its cell, a dead process ends the run."""
    done = Notebook(session, session.generation)
    settings = course.root / ".cache" / "matplotlib"
    site = launch.SITE if options.sandboxed else str(launch.numpy_folder())
    inside = "/tmp/matplotlib" if options.sandboxed else str(settings)
    function = partial(Function, session, RUNNER.stem)
    limit = options.limits.cell_seconds
    try:
        give_time(session, limit)
        function(("prepare",))(site, IMPORTABLE, inside, fonts(settings))
        for number, cell in enumerate(cells, start=1):
            if cell.cell_type != "code" or not cell.text.strip():
                continue
            give_time(session, limit)
            label = f"week_{week.number}/{NAME}[{number}]"
            outcome = function(("run_cell",))(number, label, cell.text, limit)
            take(outcome, number, done)
    except (WorkerTimeout, WorkerCrashed, ProtocolError) as error:
        done.problem = error
        done.note(f"{NAME}: its process was ended, later cells were not run")
    except (StudentError, WorkerNotStarted) as error:  # of the runner, or the grader's own fault
        done.problem = error
    return done


def give_time(session: Session, seconds: float) -> None:
    """Let the worker have the time of one cell, and of what is left of the whole."""
    left = session.limits.total_seconds - session.spent
    session.printed.clear()
    session.left = max(0.0, min(seconds + GRACE, left))


def take(outcome: Any, number: int, done: Notebook) -> None:
    """Keep what a cell said of itself: nothing of it counts but the figures' bytes."""
    if not isinstance(outcome, dict):
        raise ProtocolError("no outcome of a cell")
    kinds, message = texts(outcome.get("error")), texts([outcome.get("message")])
    if kinds and not {"NotImplementedError", "NameError"} & {*kinds}:
        name = [] if kinds[0] in ("NotPython", "CellTimeout") else kinds[:1]
        done.note(f"{NAME}, cell {number}: " + ": ".join([*name, *message]))
    figures = outcome.get("figures")
    for image in figures if isinstance(figures, list) else []:
        take_figure(image, number, done)


def texts(values: Any) -> list[str]:
    return [v for v in values if isinstance(v, str)] if isinstance(values, list) else []


def take_figure(image: Any, number: int, done: Notebook) -> None:
    taken = sum(len(figure.png) for figure in done.figures)
    try:
        if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 1:
            raise pictures.NotPng("not bytes")
        data = pictures.checked(image.tobytes())
        if len(done.figures) == MAX_FIGURES or taken + len(data) > MAX_FIGURE_BYTES:
            raise pictures.NotPng("one figure too many for a report")
        done.figures.append(Figure(f"Figure of cell {number}", data))
    except pictures.NotPng as reason:
        done.note(f"{NAME}, cell {number}: a figure is left out: {reason}")


def fonts(settings: Path) -> dict[str, str]:
    """matplotlib's list of fonts, made once for all submissions: file name -> content."""
    found = sorted(settings.glob("fontlist*.json"))
    if not found:
        private_folder(private_folder(settings.parent) / settings.name)
        command = [sys.executable, "-I", "-c", "import matplotlib.font_manager"]
        environment = {**os.environ, "MPLCONFIGDIR": str(settings)}
        subprocess.run(command, env=environment, capture_output=True, check=False)
        found = sorted(settings.glob("fontlist*.json"))
    return {path.name: path.read_text(encoding="utf-8") for path in found[-1:]}
