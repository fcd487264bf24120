"""Processes for work on all cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

# A server that has imported the grader once forks the others; Windows has no fork.
FORKSERVER = "forkserver" in multiprocessing.get_all_start_methods()


@contextmanager
def pool(processes: int) -> Iterator[Executor]:
    """Processes that start afresh: nothing of this one is copied into them."""
    context = multiprocessing.get_context("forkserver" if FORKSERVER else "spawn")
    if FORKSERVER:
        context.set_forkserver_preload(["autograder.batch", "autograder.checking.run"])
    # All start before there is work. Python (3.11 to 3.13) waits forever for one that is started
    # while another dies: so no process begins before all are there.
    started = context.Barrier(processes)
    executor = ProcessPoolExecutor(processes, mp_context=context, initializer=started.wait)
    try:
        for _ in range(processes):
            executor.submit(os.getpid)
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
