"""Grades a folder of submissions. A program of its own, because it may run as another user.

    python grader_driver.py FOLDER

FOLDER holds `course`, `submissions` and an empty `tmp`; records go to `results`, pages to
`reports`. It prints who it was, how the batch ended, and which processes did not end.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import sys
import tempfile
from dataclasses import replace
from multiprocessing import forkserver, resource_tracker
from pathlib import Path

from grader_cases import CASES
from grader_class import GONE
from grader_course import SECRET

from autograder import batch, classroom, ending
from autograder.options import Options
from autograder.results import encode
from autograder.submission import roster
from course.config import load_course

PR_SET_CHILD_SUBREAPER = 36
PROCESSES = 5  # more than cores: waiting for the ones that hang costs no CPU time


def main(folder: Path) -> None:
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder / "tmp")
    # Orphans become children of this process: none gets out of sight.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    course = load_course(folder / "course")
    options = Options(accuracy=False, explain=False, secret=SECRET)
    week = course.week(1)
    handed_in = roster.read(folder / "submissions")
    work = batch.jobs(course, week, handed_in.submissions, folder / "results", options)
    limits = {case.name: case.limits for case in CASES}
    work = [
        replace(job, options=replace(options, limits=limits.get(job.student, options.limits)))
        for job in work
    ]
    gone = folder / "submissions" / GONE  # the last one: others are done before its turn comes
    records = batch.run(work, lambda _: shutil.rmtree(gone, ignore_errors=True), PROCESSES)
    unwritten = classroom.write_reports(records, folder / "reports", handed_in.skipped)
    code = ending.FAULT if unwritten else ending.exit_code(records, None)
    said = {
        "uid": os.getuid(),
        "rows": [encode(record).decode() for record in records],
        "skipped": handed_in.skipped,
        "unwritten": unwritten,
        "line": ending.last_line(records, unwritten, code),
        "survivors": survivors(),
    }
    sys.stdout.write(json.dumps(said))


def survivors() -> list[str]:
    """The command lines of this process's descendants that don't end; Python's own left out."""
    ours = {
        resource_tracker._resource_tracker._pid,
        forkserver._forkserver._forkserver_pid,
    }
    found = [pid for pid in descendants() if pid not in ours and not ends(pid)]
    return [Path(f"/proc/{pid}/cmdline").read_text(errors="replace") for pid in found]


def descendants() -> list[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(errors="replace")
            except OSError:  # gone in between
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found: set[int] = set()
    while more := {p for p, up in parents.items() if up in found | {os.getpid()}} - found:
        found |= more
    return sorted(found)


def ends(pid: int) -> bool:
    """Whether a process that was killed, and may not know it yet, ends within ten seconds."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    over = bool(poll.poll(10_000))
    os.close(descriptor)
    return over


if __name__ == "__main__":
    main(Path(sys.argv[1]))
