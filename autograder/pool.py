"""Processes for work on all cores."""

from __future__ import annotations

import multiprocessing
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
    executor = ProcessPoolExecutor(processes, mp_context=context)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
