"""Ends a run while its worker is in an endless loop. A program of its own, as grader_kills.py.

    python tests/grader/grader_endless.py FOLDER SIGNAL ARGUMENT...

FOLDER is as in grader_kills.py; the arguments are those of `autograder`. It prints the processes
that stayed, and how the run ended.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from grader_course import submit
from grader_driver import descendants
from grader_kills import Place, become_the_parent_of_orphans, kill, survivors

LOOP = "while True:\n    pass\n"


# The command line, with time enough for a loop on a machine that is busy with other things.
PATIENT = """
from functools import partial
from autograder import cli
from autograder.sandbox.launch import Limits
from autograder.cli import grading
LIMITS = Limits(check_seconds=900.0, total_seconds=900.0)
grading.Options = partial(grading.Options, limits=LIMITS)
cli.main()
"""


def processor_time(pid: int) -> int:
    """In hundredths of a second."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:  # it has ended
        return 0
    return int(stat.rpartition(")")[2].split()[11])


def is_worker(pid: int) -> bool:
    try:
        return b"worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def wait_until_it_loops(process: subprocess.Popen[bytes]) -> None:
    """Python and NumPy are there after less than this."""
    while not any(processor_time(pid) > 60 for pid in descendants() if is_worker(pid)):
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"the run ended by itself, with {process.returncode}")


def main(folder: Path, how: signal.Signals, arguments: list[str]) -> None:
    become_the_parent_of_orphans()
    place = Place(folder, 0)
    submit(place.root / "class" / "ada", LOOP)
    process = place.program("-c", PATIENT, *arguments)
    wait_until_it_loops(process)
    kill(process, how)
    ended = process.wait()
    said = {"code": ended, "survivors": survivors(), "left": place.left("results")}
    shutil.rmtree(place.temporary)
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), signal.Signals(int(sys.argv[2])), sys.argv[3:])
