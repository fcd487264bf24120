"""Saves of a student's files, as they happen; the only file that knows watchfiles."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.options import InputError

# Milliseconds. An editor makes several changes of one save: they are taken together once none has
# come for a STEP, or after MOST. Each LOOK the files are compared anyway: not every file system
# tells what happens on it.
STEP, MOST, LOOK = 8, 60, 1000


class Saves:
    """Tells whoever waits that it is worth a look at the files."""

    def __init__(self) -> None:
        self.worth_a_look = threading.Event()
        self.at_once: Callable[[], None] = lambda: None  # on a change, in the watching thread

    def wait(self) -> None:
        """Until files may have changed since the last time. Several saves are one."""
        self.worth_a_look.wait()
        self.worth_a_look.clear()

    def look(self, changed: bool) -> None:
        self.worth_a_look.set()
        if changed:
            self.at_once()


@contextmanager
def watched(folders: Iterable[Path]) -> Iterator[Saves]:
    """Changes of Python files in these folders, which are there.

    Raises:
        InputError: watchfiles isn't installed.
    """
    try:
        from watchfiles import PythonFilter, watch
    except ImportError:
        raise InputError(
            "watchfiles isn't installed, which tells of saves: `make watch` installs it, or "
            "pip install watchfiles"
        ) from None
    saves, stop = Saves(), threading.Event()
    changes = watch(
        *folders,
        watch_filter=PythonFilter(),
        debounce=MOST,
        step=STEP,
        rust_timeout=LOOK,
        yield_on_timeout=True,
        stop_event=stop,
        recursive=False,
    )

    def listen() -> None:
        for change in changes:
            saves.look(bool(change))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield saves
    finally:
        stop.set()
        thread.join(timeout=5)
