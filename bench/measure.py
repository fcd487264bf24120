"""Processor time of processes and functions, and a row of the table."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path

from autograder.sandbox.launch import ENVIRONMENT

ROOT = Path(__file__).resolve().parent.parent
PR_SET_CHILD_SUBREAPER = 36

# What every measured process is started with: the same number of threads on both sides.
SAME = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LD_LIBRARY_PATH")}
SAME |= {k: v for k, v in ENVIRONMENT.items() if k.endswith("_NUM_THREADS")}


@dataclass(frozen=True)
class Row:
    """What was measured, the two figures, and how many times the second the first may be.

    With `at_least` the second must be at least `limit` times the first.
    """

    what: str
    ours: float
    theirs: float
    limit: float
    unit: str = "s"
    at_least: bool = False
    ratio: float | None = None  # where it isn't that of the two figures: a mean of ratios

    @property
    def value(self) -> float:
        if self.ratio is not None:
            return self.ratio
        return self.theirs / self.ours if self.at_least else self.ours / self.theirs

    @property
    def holds(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def adopt_orphans() -> None:
    """Make this process the parent of its descendants' orphans, so that their time is counted.

    bubblewrap may leave before the process that it watched over was waited for.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def processor_time() -> float:
    """User and system time of this process and of all its descendants that have ended."""
    forkserver._forkserver._stop()  # its own time counts once it has ended
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def cost(work: Callable[[], object]) -> float:
    """Processor seconds of this process and all its children."""
    before = processor_time()
    work()
    return processor_time() - before


def run(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Run Python with these arguments; what it prints is not shown unless it fails."""
    subprocess.run(
        [sys.executable, *arguments],
        env={**SAME, **(environment or {})},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )


def elapsed(work: Callable[[], object]) -> float:
    """Seconds on the clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def alternate(
    one: Callable[[], object],
    other: Callable[[], object],
    measure: Callable[[Callable[[], object]], float],
    times: int,
) -> tuple[float, float]:
    """The medians of two measurements that take turns, so that noise hits both."""
    one(), other()
    gc.collect()
    pairs = [(measure(one), measure(other)) for _ in range(times)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
