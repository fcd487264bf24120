"""Processes for work on all cores. None outlives the one that asked for them, however it ends."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from autograder import cores

# A server that has imported the grader once forks the others; Windows has no fork.
WEEK, COURSE = "AUTOGRADER_PREPARED_WEEK", "AUTOGRADER_PREPARED_COURSE"
FORKSERVER = "forkserver" in multiprocessing.get_all_start_methods()


@contextmanager
def pool(processes: int, course: Path | None = None, week: int = 0) -> Iterator[Executor]:
    """Processes that start afresh: nothing of this one is copied into them.

    An exception in the block, such as Ctrl-C, ends them at once.

    Args:
        course, week: what they are going to grade, to be prepared once for all of them.
    """
    cores.release()  # the server would pass on what this process is kept to
    context = multiprocessing.get_context("forkserver" if FORKSERVER else "spawn")
    if FORKSERVER:
        start_server(course, week)
    # The pipe's other end is closed when this process ends, even if it is killed.
    watched, held = context.Pipe(duplex=False)
    # All start before there is work. Python (3.11 to 3.13) waits forever for one that is started
    # while another dies: so no process begins before all are there.
    started = context.Barrier(processes)
    executor = ProcessPoolExecutor(
        processes, context, initializer=begin, initargs=(watched, tempfile.gettempdir(), started)
    )
    try:
        for _ in range(processes):
            executor.submit(os.getpid)
        yield executor
    except BaseException:
        held.close()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        held.close()
        watched.close()


def start_server(course: Path | None, week: int) -> None:
    """Start the process that forks the others, unless it runs already."""
    modules = ["autograder.batch", "autograder.checking.run", "autograder.prepared"]
    forkserver.set_forkserver_preload(modules)
    asked = {} if course is None else {WEEK: str(week), COURSE: str(course)}
    os.environ.update(asked)
    try:
        forkserver.ensure_running()
    finally:
        for name in asked:
            del os.environ[name]


def begin(watched: Connection, temporary: str, started: Barrier) -> None:
    """What each of the processes does first."""
    # Ctrl-C reaches all processes of a terminal: the one with the pool decides what becomes of it.
    # (A function, because the processes that are started here would inherit SIG_IGN.)
    signal.signal(signal.SIGINT, lambda *_: None)
    tempfile.tempdir = temporary
    threading.Thread(target=end_with, args=(watched,), daemon=True).start()
    cores.keep_to_one(started.wait())  # each has a number of its own


def end_with(watched: Connection) -> None:
    """End this process when the pipe's other end is closed; the kernel then ends its worker."""
    with contextlib.suppress(EOFError, OSError):
        watched.recv_bytes()
    os._exit(1)
