"""What cells may do: end, fail, never end, take the process along. Nothing else suffers."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from notebooks.notebook_samples import (
    COURSE,
    PLAIN,
    SANDBOXED,
    cell_of,
    changed,
    code,
    graded,
    hand_in,
    small,
    source,
    undrawn,
    verdicts,
)

from autograder.checking.notebook import grade_notebook
from autograder.grading import grade
from autograder.notebook.running import PACKAGES, RUNNER, Notebook, run_cells, take
from autograder.options import Options
from autograder.results import CheckResult, Record, Verdict
from autograder.sandbox.process import WorkerCrashed, WorkerTimeout
from autograder.sandbox.protocol import ProtocolError
from autograder.sandbox.session import Session, StudentError
from autograder.submission.intake import Intake
from autograder.submission.opening import opened
from course.notebooks import Cell

ENDLESS = "while True: pass"
FAILING = [
    ("!ls /", "cell 1: `!ls` is a shell command: the grader runs plain Python only"),
    ("files = !ls", "`files = !ls` is a shell command"),
    ("%time x = 1", "`%time` is a magic of Jupyter"),
    ("%%bash\nls", "%%bash is a magic of Jupyter"),
    ("len?", "`len?` is a magic of Jupyter"),
    ("1 / 0", "ZeroDivisionError: division by zero"),
    ("x = (", "SyntaxError: '(' was never closed"),
    ("raise SystemExit(0)", "SystemExit: 0"),
    (ENDLESS, "stopped after 1 s: is there a loop that never ends?"),
    ("input('?')", "EOFError"),
    ("\0", "null bytes"),
]
# The same code runs in the sandbox: two cases are enough.
CASES = [(PLAIN, *case) for case in FAILING]
CASES += [(SANDBOXED, *case) for case in FAILING if case[0] in ("!ls /", ENDLESS)]


def quick(options: Options) -> Options:
    """For cells that never end."""
    return replace(options, limits=replace(options.limits, cell_seconds=1.0))


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    return hand_in(tmp_path, small("a = 1"))


def with_runner(
    submission: Path, options: Options
) -> AbstractContextManager[tuple[Session, Intake]]:
    """A session as a notebook gets it."""
    return opened(COURSE, COURSE.week(1), submission, options, {RUNNER.name: RUNNER}, PACKAGES)


def run(submission: Path, *cells: str, options: Options = PLAIN, reads: str = "") -> object:
    """Run these cells and read a name, or the notes where none is asked for."""
    week = COURSE.week(1)
    with with_runner(submission, options) as (session, _):
        done = run_cells(COURSE, week, session, [Cell("code", text) for text in cells], options)
        session.left = float("inf")
        return done.read(reads) if reads else done.notes


@pytest.mark.parametrize(("options", "cell", "note"), CASES)
def test_a_cell_that_fails_leaves_a_note_and_later_cells_go_on(
    submission: Path, options: Options, cell: str, note: str
) -> None:
    options = quick(options) if cell == ENDLESS else options
    cells = [Cell("code", cell), Cell("code", "b = 2")]
    with with_runner(submission, options) as (session, _):
        done = run_cells(COURSE, COURSE.week(1), session, cells, options)
        session.left = float("inf")
        assert 2 == done.read("b")
        assert note in done.notes[0]


def test_matplotlib_magic_is_harmless_and_a_line_that_begins_with_percent_is_python(
    submission: Path,
) -> None:
    cells = ("%matplotlib inline\nif True:\n    %matplotlib notebook\na = (17\n%5)", "b = a")

    assert 2 == run(submission, *cells, reads="b")


def test_what_is_made_stays_in_the_worker_whatever_it_is(submission: Path) -> None:
    cell = Cell("code", "def make(n): return [1, 2] if n else None")
    with with_runner(submission, PLAIN) as (session, _):
        done = run_cells(COURSE, COURSE.week(1), session, [cell], PLAIN)
        session.left = float("inf")
        assert 2 == done.make("make", 1).count(1) + done.make("make", 1).index(2)
        nothing = done.make("make", 0)
        with pytest.raises(StudentError, match="'NoneType' object has no attribute 'forward'"):
            nothing.forward(3)


def test_names_are_blamed_on_the_cell_that_should_define_them(submission: Path) -> None:
    cells = (
        "def f():\n    raise NotImplementedError('week_1/exercise.ipynb: f')",
        "a = f()",
        "b = a + 1",
        "c = b / 0",
    )
    for name in ("a", "b", "c"):
        with pytest.raises(StudentError, match=r"exercise\.ipynb: f") as caught:
            run(submission, *cells, reads=name)
        assert caught.value.not_attempted
        assert not any("notebook_cells" in frame for frame in caught.value.frames)
    with pytest.raises(StudentError, match="no cell of the notebook defines `z`"):
        run(submission, *cells, reads="z")


def test_a_name_that_waits_for_an_endless_cell_is_a_timeout(submission: Path) -> None:
    cell = "y = 0\nwhile True:\n    pass\nz = 1"
    with pytest.raises(WorkerTimeout):
        run(submission, cell, options=quick(PLAIN), reads="z")


def test_a_cell_that_stops_its_clock_is_killed_with_its_process(
    submission: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.notebook.running.GRACE", 0.5)
    cell = "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass"

    with pytest.raises(WorkerTimeout):
        run(submission, "a = 1", cell, "b = 2", options=quick(PLAIN), reads="a")


def test_a_cell_that_ends_the_process_ends_the_notebook_only(tmp_path: Path) -> None:
    submission = hand_in(tmp_path, small("import os; os._exit(0)"))
    options = replace(SANDBOXED, notebook=True, accuracy=False)

    record = grade(COURSE, COURSE.week(1), submission, options)

    own = {str(check.verdict) for check in record.checks if check.module == "exercise"}
    assert {"crashed"} == own
    assert {"passed"} == {str(c.verdict) for c in record.checks if c.module != "exercise"}
    assert any("its process was ended" in note for note in record.notes)


def test_deleted_moved_and_edited_test_cells_change_nothing(tmp_path: Path) -> None:
    notebook = undrawn()
    tests = [c for c in notebook["cells"] if c["id"].startswith("test-")]
    others = [c for c in notebook["cells"] if not c["id"].startswith("test-")]
    wrong = changed(notebook, "relative_error", "def relative_error(a, b):\n    return 0.25")
    cheating = copy.deepcopy(wrong)
    cell_of(cheating, "test_relative_error")["source"] = "print('passed')"
    variants = {
        "deleted": (others, True),
        "moved to the front": (tests + others, True),
        "twice": (others + tests + tests, True),
        "wrong and edited": (cheating["cells"], False),
        "wrong and deleted": ([c for c in wrong["cells"] if c not in tests], False),
    }
    for name, (cells, right) in variants.items():
        folder = tmp_path / name
        record = graded(hand_in(folder, notebook | {"cells": cells}), PLAIN)

        assert ("passed" if right else "failed") == verdicts(record)["test_relative_error"], name
        assert verdicts(record)["test_outputs"] == "passed"


def test_a_removed_cell_fails_what_needs_it_with_a_message(tmp_path: Path) -> None:
    notebook = undrawn()
    notebook["cells"].remove(cell_of(notebook, "relative_error"))

    record = graded(hand_in(tmp_path, notebook), PLAIN)

    found = {c.id.partition("::")[2]: c for c in record.checks}
    assert found["test_relative_error"].verdict == "error"
    assert (
        "no cell of the notebook defines `relative_error`" in found["test_relative_error"].message
    )
    assert found["test_outputs"].verdict == "passed"


def test_the_notebook_sees_matplotlib_and_numpy_but_no_other_package(submission: Path) -> None:
    cell = (
        "found = []\n"
        "for name in ('torch', 'pytest', 'msgspec', 'rich', 'autograder', 'course', 'nbgrader'):\n"
        "    try:\n"
        "        __import__(name)\n"
        "    except ImportError:\n"
        "        continue\n"
        "    found.append(name)\n"
        "import matplotlib.pyplot, numpy.linalg, PIL\n"
        "done = True"
    )
    for options in (PLAIN, SANDBOXED):
        assert [] == run(submission, cell, options=options, reads="found")
        assert run(submission, cell, options=options, reads="done") is True


def test_figures_come_back_and_huge_ones_are_made_smaller(submission: Path) -> None:
    week, options = COURSE.week(1), SANDBOXED
    cells = [
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "fig = plt.figure(figsize=(90, 30))\nfig.gca().plot([1, 2])",
        "x = 1",
    ]
    with with_runner(submission, options) as (session, _):
        done = run_cells(COURSE, week, session, [Cell("code", text) for text in cells], options)

    assert ["Figure of cell 1", "Figure of cell 2"] == [figure.title for figure in done.figures]
    assert [] == done.notes


@pytest.mark.parametrize(
    "outcome",
    [
        {},
        {"error": 7, "message": [], "figures": {}},
        {"error": [[1], {}], "message": None, "figures": [None, 1, "x", [2]]},
        {"error": ["E"], "message": {"a": 1}, "figures": [np.zeros((2, 2)), np.zeros(3, np.uint8)]},
        {"error": [], "message": "", "figures": [np.frombuffer(b"\x89PNG\r\n\x1a\n", np.uint8)]},
    ],
)
def test_a_faked_outcome_is_a_note_at_most(outcome: object) -> None:
    done = Notebook(session=None)

    take(outcome, 3, done)

    assert [] == done.figures
    assert all(isinstance(note, str) for note in done.notes)


def test_an_outcome_that_is_none_breaks_the_protocol() -> None:
    with pytest.raises(ProtocolError):
        take([1, 2], 3, Notebook(session=None))


def test_a_check_that_ends_the_process_is_told_to_the_next(submission: Path) -> None:
    week = COURSE.week(1)
    cell = "import os\na = 1\ndef f(): os._exit(1)"
    with with_runner(submission, PLAIN) as (session, _):
        done = run_cells(COURSE, week, session, [Cell("code", cell)], PLAIN)
        session.left = float("inf")
        assert 1 == done.read("a")
        with pytest.raises(WorkerCrashed):
            done.call("f")
        session.start()
        with pytest.raises(WorkerCrashed, match="an earlier check"):
            done.read("a")


def test_prints_and_their_flood_are_dropped(submission: Path) -> None:
    assert 1 == run(submission, "for i in range(10**5): print('x' * 100)\na = 1", reads="a")


def test_hidden_checks_of_the_notebook_show_no_value_to_the_student(tmp_path: Path) -> None:
    from autograder.report.redaction import for_student

    wrong = changed(undrawn(), "relative_error", "def relative_error(a, b):\n    return 0.25")
    record = graded(hand_in(tmp_path, wrong), PLAIN)
    shown: Record = for_student(record)

    hidden = next(c for c in shown.checks if c.id.endswith("test_relative_error"))
    assert hidden.hidden
    assert [] == hidden.comparisons
    assert "0.25" not in hidden.message


def test_code_is_not_run_twice_for_cells_that_are_empty_or_prose(submission: Path) -> None:
    cells = [
        Cell("code", "n = 0"),
        Cell("code", "  \n"),
        Cell("raw", "n = 5"),
        Cell("markdown", ""),
    ]
    week = COURSE.week(1)
    with with_runner(submission, PLAIN) as (session, _):
        done = run_cells(COURSE, week, session, [*cells, Cell("code", ["n +=", " 1"])], PLAIN)
        session.left = float("inf")
        assert 1 == done.read("n")
    assert code("x")["metadata"] == {}


@pytest.mark.parametrize("broken", ["def forward(:", "1 / 0", "import sys; sys.exit()"])
def test_a_module_that_does_not_load_costs_no_point_of_the_notebook(
    tmp_path: Path, broken: str
) -> None:
    folder = hand_in(tmp_path, undrawn())
    (folder / "linear.py").write_text(broken)
    record = graded(folder)
    assert {"passed"} == {*verdicts(record).values()}
    assert any(
        note.startswith("week_1/linear.py doesn't load: the notebook") for note in record.notes
    )


def test_a_module_that_was_not_handed_in_is_not_replaced(tmp_path: Path) -> None:
    folder = hand_in(tmp_path, undrawn())
    (folder / "linear.py").unlink()
    record = graded(folder)
    assert "passed" not in verdicts(record).values()
    assert not any("the reference" in note for note in record.notes)


def test_an_unfinished_module_is_not_replaced_whatever_keeps_it_from_loading(
    tmp_path: Path,
) -> None:
    folder = hand_in(tmp_path, undrawn())
    skeleton = (COURSE.root / "assignments" / "week_1" / "linear.py").read_text()
    (folder / "linear.py").write_text(f"{skeleton}\n1 / 0\n")
    record = graded(folder)
    assert "passed" not in verdicts(record).values()
    assert not any("the reference" in note for note in record.notes)


def test_a_module_that_breaks_where_the_notebook_runs_alone_is_not_replaced(
    tmp_path: Path,
) -> None:
    folder = hand_in(tmp_path, undrawn())
    reference = (COURSE.solutions / "week_1" / "linear.py").read_text()
    data = "os.path.join(os.path.dirname(__file__), '..', 'given', 'digits.npz')"
    breaks = f"import os\nif os.path.exists({data}):\n    raise ImportError\n"
    (folder / "linear.py").write_text(f"{reference}\n{breaks}")
    options = replace(PLAIN, notebook=True, accuracy=False)
    record = grade(COURSE, COURSE.week(1), folder, options)
    assert not any("the reference" in note for note in record.notes)
    ended = {c.id.partition("::")[2]: c.verdict for c in record.checks}
    assert "passed" == ended["test_linear_forward"]
    assert "passed" != ended["test_outputs"]


def test_what_a_notebook_does_with_a_reference_in_reach_is_not_shown(tmp_path: Path) -> None:
    from autograder.report.redaction import for_student

    look = code("import week_1.linear\nraise ValueError(week_1.linear.Linear.forward.__code__)")
    notebook = source(1)
    notebook["cells"].append(look)
    folder = hand_in(tmp_path, notebook)
    (folder / "linear.py").write_text("def forward(:")
    shown = for_student(graded(folder))
    assert not any("cell " in note or "code object" in note for note in shown.notes), shown.notes
    checks = [check for check in shown.checks if "test_exercise" in check.id]
    assert checks
    assert all(check.hidden and not check.pictures for check in checks)


@pytest.mark.parametrize("options", [PLAIN, SANDBOXED], ids=["plain", "sandboxed"])
def test_a_module_that_never_loads_does_not_hold_up_the_notebook(
    tmp_path: Path, options: Options
) -> None:
    folder = hand_in(tmp_path, undrawn())
    (folder / "linear.py").write_text("import time\ntime.sleep(1e9)")
    limits = replace(options.limits, check_seconds=1.0)
    assert {"passed"} == {*verdicts(graded(folder, replace(options, limits=limits))).values()}


def test_check_of_a_notebook_may_train_and_has_the_time_for_it(tmp_path: Path) -> None:
    # What a check of a module may take isn't enough for anything here. All modules were loaded for
    # their own checks, so none has to be again before the notebook.
    limits = replace(PLAIN.limits, check_seconds=1e-4)
    week, submission = COURSE.week(1), hand_in(tmp_path, undrawn())
    passed = [CheckResult(m, m, m, 1.0, False, Verdict.PASSED) for m in week.modules]
    record = Record(1, "", "", [*passed])
    grade_notebook(COURSE, week, submission, replace(PLAIN, limits=limits), record)
    own = record.checks[len(passed) :]
    assert {Verdict.PASSED} == {check.verdict for check in own}
