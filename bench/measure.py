"""Processor time of functions and processes, measured in turns, and a row of the table."""

from __future__ import annotations

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
from multiprocessing import forkserver, resource_tracker
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PR_SET_CHILD_SUBREAPER = 36
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3

# What every measured process is started with: NumPy and torch on one thread, on both sides.
SAME = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LD_LIBRARY_PATH")}
SAME |= {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")}

Work = Callable[[], object]
Clock = Callable[[Work], float]


@dataclass(frozen=True)
class Row:
    """Two figures, their ratio, and the limit that it has to keep, if there is one.

    The limit is the largest ratio, with `at_least` the smallest. A figure that is None isn't
    printed, and `note` stands where a limit would.
    """

    what: str
    first: float | None
    second: float | None
    ratio: float
    limit: float | None = None
    unit: str = "s"
    at_least: bool = False
    note: str = "shown, no limit"

    @property
    def holds(self) -> bool:
        if self.limit is None:
            return True
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit


def medians(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """The median of the first figures, of the second ones, and of the ratios of the pairs.

    The two of a pair saw the same machine, so their ratio is steadier than either of them.
    """
    first, second = zip(*pairs, strict=True)
    ratios = [one / other for one, other in pairs]
    return statistics.median(first), statistics.median(second), statistics.median(ratios)


def alternate(one: Work, other: Work, clock: Clock, times: int) -> tuple[float, float, float]:
    """Medians of two measurements that take turns, after one that isn't counted."""
    one(), other()
    gc.collect()
    return medians([(clock(one), clock(other)) for _ in range(times)])


def own_time(work: Work) -> float:
    """Processor seconds, user and system, of this process alone, all its threads."""
    started = time.process_time()
    work()
    return time.process_time() - started


def total_time(work: Work) -> float:
    """Processor seconds, user and system, of this process and of all that it starts."""
    before = spent()
    work()
    return spent() - before


def elapsed(work: Work) -> float:
    """Seconds on the clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def spent() -> float:
    """Processor seconds of this process and of all its descendants. It waits for them to end.

    Only a process that has ended and was waited for is counted: so the servers that
    multiprocessing keeps for the next pool have to end, too.
    """
    forkserver._forkserver._stop()
    resource_tracker._resource_tracker._stop()
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:  # none is left
        pass
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def adopt_orphans() -> None:
    """Make this process the parent of its descendants' orphans, so that their time is counted.

    bubblewrap may leave before the process that it watched over was waited for.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reuse_memory() -> None:
    """Have malloc keep what is freed, for NumPy and torch alike, instead of giving it back.

    Otherwise every large array is new pages, which the kernel has to clear. That takes longer
    than the arithmetic, and how long depends on what the process did before.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, 1 << 30)
        libc.mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)


def run(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Run Python with these arguments; what it prints is not shown unless it fails."""
    subprocess.run(
        [sys.executable, *arguments],
        env={**SAME, **(environment or {})},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
