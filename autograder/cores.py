"""On which core work is done.

A grader and its worker take turns: on one core a turn costs a third less than across two, of which
one would have to be woken each time. Systems other than Linux don't let a process choose.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

CHOOSES = sys.platform == "linux"
CORE = 36  # which field of /proc/self/stat, counted from behind the program's name

allowed = frozenset(os.sched_getaffinity(0)) if CHOOSES else frozenset()


def keep_to_one(number: int) -> None:
    """Keep this process, and those that it starts, to one core for good: that of this number."""
    global allowed  # a process is on a core, so this is one for all of it
    if allowed:
        cores = sorted(allowed)
        allowed = frozenset({cores[number % len(cores)]})
        keep_to(allowed)


def here() -> frozenset[int]:
    """The core that this process is on now: the system chose it, so it isn't the busiest."""
    if not CHOOSES:
        return frozenset()
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return frozenset({int(fields[CORE])}) & allowed or allowed


def keep_to(cores: Collection[int]) -> None:
    """Keep this thread, and the processes that it starts from now on, to these cores."""
    if cores:
        with contextlib.suppress(OSError):  # one was taken away meanwhile: it is only about speed
            os.sched_setaffinity(0, cores)


def release() -> None:
    """Let this thread have all cores that it is allowed."""
    keep_to(allowed)


@contextmanager
def only(cores: Collection[int]) -> Iterator[None]:
    """What is started in the block stays on these cores; this thread doesn't."""
    keep_to(cores)
    try:
        yield
    finally:
        release()
