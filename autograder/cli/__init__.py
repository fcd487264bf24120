"""The command line of the grader.

Exit codes: 0 graded, 1 below --fail-under, 2 wrong usage or input, 3 something is incomplete or was
not found, or the grader itself failed, 130 stopped by Ctrl-C or a signal.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import sys
from pathlib import Path
from types import ModuleType


def start() -> None:
    """The program, as a process of its own."""
    try:
        main()
    except SystemExit as end:
        leave(end.code)


def main() -> None:
    """The command line: whatever ends it, what it started and put down for a while goes with it."""
    stop_by_signals()
    for name in ("stdout", "stderr"):  # closed by whoever started it: nobody reads what is said
        if getattr(sys, name) is None:
            # It stays open until the process ends, as what it stands for does.
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
    # Loading makes much that stays: to search it for garbage takes longer than many a check.
    gc.set_threshold(1_000_000)
    for name in ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars"):
        sys.modules[name] = ModuleType(name)  # as in the worker: docstrings that nobody reads
    try:
        from autograder.cli import program  # takes its time, in which a signal can come
    except KeyboardInterrupt:
        sys.stderr.write("autograder: stopped.\n")
        sys.exit(130)
    program.run()


def leave(code: int | str | None) -> None:
    """End the process without taking apart what it has loaded; what was to be done at the end is.

    A code that isn't a number is left to Python, which prints it; so is output that can't be
    written.
    """
    atexit._run_exitfuncs()
    if isinstance(code, int | None):
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code or 0)
    sys.exit(code)


def stop_by_signals() -> None:
    """Let a signal that ends a process end it like Ctrl-C: by an exception, which cleans up."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
