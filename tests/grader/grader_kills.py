"""Kills runs over a class at random moments. A program of its own: orphans become its children.

    python tests/grader/grader_kills.py FOLDER TIMES STUDENTS [SEED]

FOLDER is empty, or holds a `course` whose expected values are cached. It prints, as JSON, what
went wrong: processes and temporary files that stayed, and records that differ from an unharmed run.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import msgspec
from grader_course import LINEAR, REPOSITORY, build, submit
from grader_driver import PR_SET_CHILD_SUBREAPER, descendants, ends

from autograder.results import Record, decode
from course.trust import trust

GROUP = signal.SIGINT  # Ctrl-C goes to all processes of a terminal
HOW = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
WORKS = (
    LINEAR,
    LINEAR.replace("y += self.bias.data", "y -= self.bias.data"),
    LINEAR.replace("y += self.bias.data", "raise ValueError(x)"),
    "def (",
)


class Place:
    """A course with a class, and a temporary folder of its own."""

    def __init__(self, folder: Path, students: int) -> None:
        self.root = folder / "course"
        if not self.root.exists():
            build(self.root)
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        trust(self.root)
        self.temporary = Path(tempfile.mkdtemp(prefix="kills-"))  # a long path is not used
        for number in range(students):
            text = WORKS[number % len(WORKS)] + f"\n# student {number}\n"
            submit(self.root / "class" / f"student-{number:02}", text)

    def start(self, results: str) -> subprocess.Popen[bytes]:
        """A run whose records go to a folder of this name."""
        places = ["--results", results, "--reports", f"{results}-reports"]
        return self.program("-m", "autograder", "grade-all", "1", "class", *places)

    def program(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.root,
            env=os.environ | {"TMPDIR": str(self.temporary), "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def records(self, results: str) -> dict[str, Record]:
        """The records by name, without what differs from run to run."""
        found = {}
        for path in (self.root / results).glob("*.json"):
            record = decode(path.read_bytes())
            checks = [msgspec.structs.replace(check, duration=0.0) for check in record.checks]
            changes = {"checks": checks, "time": "", "duration": 0.0, "seal": ""}
            found[path.stem] = msgspec.structs.replace(record, **changes)
        return found

    def left(self, results: str) -> list[str]:
        """Temporary files that are still there: those of the run, and half-written ones."""
        below = [path for base in self.temporary.iterdir() for path in base.iterdir()]
        partial = (self.root / results).rglob("*.partial")
        return [str(path) for path in [*below, *partial]]


def where(results: str) -> list[str]:
    return ["--results", results, "--reports", f"{results}-reports"]


def become_the_parent_of_orphans() -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # A shell starts what runs in the background deaf to Ctrl-C, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def kill(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    if how == GROUP:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)


def survivors() -> list[str]:
    """The command lines of descendants that don't end."""
    found = [pid for pid in descendants() if not ends(pid)]
    names = [Path(f"/proc/{pid}/cmdline").read_text(errors="replace")[-200:] for pid in found]
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    reap()
    return names


def reap() -> None:
    """Let the orphans that have ended go."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def main(folder: Path, times: int, students: int, seed: int) -> None:
    become_the_parent_of_orphans()
    choose = random.Random(seed)
    place = Place(folder, students)
    place.start("cold").wait()  # the canaries' verdicts are kept from here on
    started = time.monotonic()
    place.start("whole").wait()
    whole = time.monotonic() - started
    expected, problems, codes = place.records("whole"), [], Counter[str]()
    assert len(expected) == students, "the run that nobody kills is incomplete"
    for number in range(times):
        results, how, kills = f"run-{number}", HOW[number % len(HOW)], choose.choice((1, 1, 2))
        for _ in range(kills):
            process = place.start(results)
            try:
                process.wait(choose.uniform(0, 0.8 * whole))
            except subprocess.TimeoutExpired:
                kill(process, how)
            codes[f"{how.name} {process.wait()}"] += 1
            problems += [f"{results}, {how.name}: {name} stayed" for name in survivors()]
        code = place.start(results).wait()
        problems += [f"{results}: ended with {code}"] if code else []
        problems += [f"{results}: {name} stayed" for name in survivors()]
        problems += [f"{results}, {how.name}: {path} was left" for path in place.left(results)]
        if place.records(results) != expected:
            problems.append(f"{results}, {how.name}: other records than without")
        faults = f", {len(problems)} problems" if problems else ""
        sys.stderr.write(f"{number + 1} of {times}: {kills} x {how.name}{faults}\n")
    shutil.rmtree(place.temporary)
    sys.stdout.write(json.dumps({"problems": problems, "codes": codes, "seconds": round(whole)}))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:4]), int(sys.argv[4]) if sys.argv[4:] else 0)
