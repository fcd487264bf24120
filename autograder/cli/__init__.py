"""The command line of the grader.

Exit codes: 0 graded, 1 below --fail-under, 2 wrong usage or input, 3 something is incomplete or was
not found, or the grader itself failed, 130 stopped by Ctrl-C or a signal.
"""

from __future__ import annotations

import atexit
import gc
import signal
import sys
from types import ModuleType


def main() -> None:
    """The program: whatever ends it, what it started and put down for a while goes with it."""
    stop_by_signals()
    # Loading makes much that stays: to search it for garbage takes longer than many a check.
    gc.set_threshold(1_000_000)
    atexit.register(gc.freeze)  # nor need it be searched at the end
    for name in ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars"):
        sys.modules[name] = ModuleType(name)  # as in the worker: docstrings that nobody reads
    try:
        from autograder.cli import program  # takes its time, in which a signal can come
    except KeyboardInterrupt:
        sys.stderr.write("autograder: stopped.\n")
        sys.exit(130)
    program.run()


def stop_by_signals() -> None:
    """Let a signal that ends a process end it like Ctrl-C: by an exception, which cleans up."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
