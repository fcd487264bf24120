"""`autograder debug`: the call that goes wrong, in a process of the student's own, in pdb."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from autograder.cli.grading import unsafe
from autograder.cli.shared import say, the_course
from autograder.options import InputError, Options
from autograder.report.summary import location, message
from autograder.results import Verdict, write_atomically
from course.config import Course

if TYPE_CHECKING:
    from autograder.replay.script import Script
    from autograder.replay.steps import Recording

KEYS = "n next line, s step into, p x print, w where, c go on, q quit"
INSIDE = ("step", "next")  # from the call to the first line of what it calls


@click.command
@click.argument("check", help="A check, a class or a module.")
@click.option("--week", type=int, help="Default: the last that has it.")
@unsafe
def debug(check: str, week: int | None, unsafe_no_sandbox: bool) -> None:
    """Stop where a check goes wrong, in pdb: your code, on the check's own inputs.

    It runs in a process of its own. What is run is a program that you can read, change and start
    in an editor: reports/debug/check.py.

    \b
    Examples:
      autograder debug "Linear: gradient of the input"
      autograder debug test_relu_forward --week 1
    """
    from autograder.debugging.recording import record, week_of  # pytest loads, for this alone

    course = the_course()
    chosen = course.written_week(week) if week else week_of(course, check)
    folder = course.assignments / f"week_{chosen.number}"
    refuse_somebody_elses(course, folder, unsafe_no_sandbox)
    options = Options(sandboxed=False, public_only=True, only=check, explain=False)
    recording = record(course, chosen, folder, options)
    path = course.root / "reports" / "debug" / "check.py"
    script = write(course, recording, path)
    for line in told(course, recording, path):
        say(line)
    if not script.stops_at:  # a module that can't be imported: there is no call to stop at
        sys.exit(1)
    sys.stdout.flush()
    sys.exit(run(course, path, commands(course, recording, script, path)))


def refuse_somebody_elses(course: Course, folder: Path, unsafe: bool) -> None:
    """Refuse to debug where students' work may lie: in a debugger it has no sandbox.

    Raises:
        InputError: the course has solutions, and it wasn't said to go on.
    """
    if course.has_solutions and not unsafe:
        raise InputError(
            f"{folder} may be somebody else's code, and a debugger runs it as you, without a "
            "sandbox. If you know what is in it, say --unsafe-no-sandbox."
        )


def write(course: Course, recording: Recording, path: Path) -> Script:
    """The program and its inputs, beside each other."""
    from autograder.replay.script import Script

    script = Script(recording, str(course.assignments))
    script.write()
    arrays = io.BytesIO()
    np.savez(arrays, allow_pickle=False, **script.arrays)
    write_atomically(path.with_name("inputs.npz"), arrays.getvalue())
    write_atomically(path, script.text.encode())
    return script


def told(course: Course, recording: Recording, path: Path) -> list[str]:
    result = recording.result
    if result.verdict is Verdict.PASSED:
        return [f"{result.title}: passes. It stops at its last call.", KEYS]
    failing = [message(one) for one in result.comparisons if not one.passed]
    place = location(result)
    where = f" ({place[0]}:{place[1]})" if place and not failing else ""
    return [f"{result.title}: {(failing or [result.message])[0]}{where}",
            f"The calls: {course.relative(path)}. {KEYS}"]  # fmt: skip


def commands(course: Course, recording: Recording, script: Script, path: Path) -> list[str]:
    """What pdb is to do before it asks: go to the call, and from there to the student's line."""
    first = [f"break {path}:{script.stops_at}", "continue"]
    if recording.result.verdict is Verdict.FAILED or not (place := location(recording.result)):
        return [*first, *INSIDE]
    return [*first, f"tbreak {course.assignments / place[0]}:{place[1]}", "continue"]


def run(course: Course, path: Path, commands: list[str]) -> int:
    """pdb on the program, with the terminal of whoever asked; its exit code."""
    told = [part for command in commands for part in ("-c", command)]
    process = subprocess.Popen([sys.executable, "-m", "pdb", *told, str(path)], cwd=course.root)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # Ctrl-C is pdb's: it stops what runs
            continue
