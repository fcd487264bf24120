"""Grades a submission's exercise notebook: runs its cells in a worker, checks what they left.

The notebook has a worker of its own, so nothing that it does touches the checks of the modules.
matplotlib is there for it, bound by name; torch is not. The checks stand in
autograder/checks/week_N/test_exercise.py and read arrays and call functions by name: the cells
with nbgrader's tests run like any other, and count for nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from autograder import notebook, png, sandbox
from autograder.checking import EXERCISE, run_checks
from autograder.grading import Options
from autograder.intake import Missing, Refused, stage, week_folder
from autograder.notebook import Cell
from autograder.process import WorkerCrashed, WorkerNotStarted, WorkerTimeout
from autograder.protocol import ProtocolError, Raised, clean
from autograder.remote import Function
from autograder.results import CheckResult, Figure, Record
from autograder.session import RefusedModule, Session, StudentError
from course.config import Course, Week

RUNNER = Path(__file__).with_name("notebook_runner.py")
# What `import matplotlib.pyplot` and saving a figure as PNG takes, and the libraries of each.
PACKAGES = (
    *("matplotlib", "matplotlib.libs", "mpl_toolkits", "contourpy", "contourpy.libs", "cycler"),
    *("dateutil", "fontTools", "kiwisolver", "packaging", "PIL", "pillow.libs", "pyparsing"),
    "six.py",
)
IMPORTABLE = [name.removesuffix(".py") for name in PACKAGES if not name.endswith(".libs")]
TOTAL_SECONDS = 240.0  # for all cells and checks
GRACE = 5.0  # seconds between interrupting a cell and killing its process
MAX_FIGURES = 8
MAX_FIGURE_BYTES = 2 << 20  # of all
MAX_NOTES = 6


@dataclass
class Notebook:
    """A notebook that has run: what checks ask it for.

    Each method raises what kept the notebook from answering: StudentError with the exception of
    the cell, WorkerTimeout or WorkerCrashed if it ended the process.
    """

    session: Session
    generation: int = 0
    problem: Exception | None = None
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def read(self, name: str) -> Any:
        """A copy of what the notebook calls `name`."""
        return self.ask("read", name)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """What a function of the notebook returns."""
        return self.ask("call", name, *args, **kwargs)

    def ask(self, function: str, *args: Any, **kwargs: Any) -> Any:
        if self.problem is None and self.generation != self.session.generation:
            self.problem = WorkerCrashed("an earlier check ended the notebook's process")
        if self.problem is not None:
            raise self.problem
        try:
            return Function(self.session, RUNNER.stem, (function,))(*args, **kwargs)
        except StudentError as error:
            if "CellTimeout" in error.kinds:
                raise WorkerTimeout from error
            error.frames = [f for f in error.frames if not f.startswith(RUNNER.name)]
            raise

    def note(self, text: str) -> None:
        if len(self.notes) < MAX_NOTES:
            self.notes.append(clean(text, 400))


def grade_exercise(
    course: Course,
    week: Week,
    submission: Path,
    options: Options,
    record: Record,
    on_check: Callable[[CheckResult], None] = lambda _: None,
) -> None:
    """Run the notebook of a submission and add its checks to the record."""
    options = replace(
        options, module=EXERCISE, limits=replace(options.limits, total_seconds=TOTAL_SECONDS)
    )
    if not (course.checks(week.number) / f"test_{EXERCISE}.py").is_file():
        return
    with opened(course, week, submission, options) as session:
        try:
            cells = notebook.load(week_folder(submission, week))[0]
            done = run_cells(course, week, session, cells, options)
        except Refused as reason:
            done = Notebook(session, problem=refusal(reason))
        record.checks += run_checks(course, week, session, options, on_check, done).results.values()
        record.notes += done.notes


def refusal(reason: Refused) -> StudentError:
    """How every check ends if there is no notebook to run."""
    if isinstance(reason, Missing):
        kinds = ["NotImplementedError"]
        return StudentError(Raised(0, kinds, f"no {notebook.NAME} was handed in", []))
    return RefusedModule(f"{notebook.NAME} {reason}")


@contextmanager
def opened(course: Course, week: Week, submission: Path, options: Options) -> Iterator[Session]:
    """A session whose worker has the week's modules, the course's data and the runner."""
    folder = Path(tempfile.mkdtemp(prefix="notebook-"))
    session: Session | None = None
    try:
        intake = stage(course, week, submission, folder / "course")
        shutil.copyfile(RUNNER, intake.root / RUNNER.name)
        for data in (course.source / "given").glob("*.npz"):
            shutil.copyfile(data, intake.root / "given" / data.name)
        start = sandbox.plain
        if options.sandboxed:
            start = partial(sandbox.sandboxed, packages=PACKAGES)
        session = Session(partial(start, intake.root, options.limits), options.limits)
        yield session
    finally:
        if session is not None:
            session.close()
        shutil.rmtree(folder, ignore_errors=True)


def run_cells(
    course: Course, week: Week, session: Session, cells: list[Cell], options: Options
) -> Notebook:
    """Run the code cells in their order. An error ends its cell, a dead process ends the run."""
    done = Notebook(session, session.generation)
    settings = course.root / ".cache" / "matplotlib"
    site = sandbox.SITE if options.sandboxed else str(sandbox.numpy_folder())
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
            label = f"week_{week.number}/{notebook.NAME}[{number}]"
            outcome = function(("run_cell",))(number, label, cell.text, limit)
            take(outcome, number, done)
    except (WorkerTimeout, WorkerCrashed, ProtocolError) as error:
        done.problem = error
        done.note(f"{notebook.NAME}: its process was ended, later cells were not run")
    except (StudentError, WorkerNotStarted) as error:  # of the runner, or the grader's own fault
        done.problem = error
    return done


def give_time(session: Session, seconds: float) -> None:
    """Let the worker have the time of one cell, and of what is left of the whole."""
    left = session.limits.total_seconds - session.spent
    session.printed.clear()
    session.deadline = time.monotonic() + max(0.0, min(seconds + GRACE, left))


def take(outcome: Any, number: int, done: Notebook) -> None:
    """Keep what a cell said of itself: nothing of it counts but the figures' bytes."""
    if not isinstance(outcome, dict):
        raise ProtocolError("no outcome of a cell")
    kinds, message = texts(outcome.get("error")), texts([outcome.get("message")])
    if kinds and not {"NotImplementedError", "NameError"} & {*kinds}:
        name = [] if kinds[0] in ("NotPython", "CellTimeout") else kinds[:1]
        done.note(f"{notebook.NAME}, cell {number}: " + ": ".join([*name, *message]))
    figures = outcome.get("figures")
    for image in figures if isinstance(figures, list) else []:
        take_figure(image, number, done)


def texts(values: Any) -> list[str]:
    return [v for v in values if isinstance(v, str)] if isinstance(values, list) else []


def take_figure(image: Any, number: int, done: Notebook) -> None:
    taken = sum(len(figure.png) for figure in done.figures)
    try:
        if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 1:
            raise png.NotPng("not bytes")
        data = png.checked(image.tobytes())
        if len(done.figures) == MAX_FIGURES or taken + len(data) > MAX_FIGURE_BYTES:
            raise png.NotPng("one figure too many for a report")
        done.figures.append(Figure(f"Figure of cell {number}", data))
    except png.NotPng as reason:
        done.note(f"{notebook.NAME}, cell {number}: a figure is left out: {reason}")


def fonts(settings: Path) -> dict[str, str]:
    """matplotlib's list of fonts, made once for all submissions: file name -> content."""
    found = sorted(settings.glob("fontlist*.json"))
    if not found:
        settings.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-I", "-c", "import matplotlib.font_manager"]
        environment = {**os.environ, "MPLCONFIGDIR": str(settings)}
        subprocess.run(command, env=environment, capture_output=True, check=False)
        found = sorted(settings.glob("fontlist*.json"))
    return {path.name: path.read_text(encoding="utf-8") for path in found[-1:]}
