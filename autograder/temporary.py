"""One folder for all that a run puts down for a while. The next run removes what a killed one left.

A run keeps a lock on its folder, and a lock ends with its process, however that ends.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.util import Finalize
from pathlib import Path

# multiprocessing puts a socket below, whose path may have some hundred characters.
LONGEST = 45


def use_one_folder() -> None:
    """Let `tempfile` use a folder of this process, which is removed when the process exits.

    Raises:
        OSError: it can't be made.
    """
    if sys.platform == "win32":  # no lock can be had on a folder: it would never be swept
        return
    import fcntl

    place = tempfile.gettempdir()
    place = place if len(place) <= LONGEST else "/tmp"
    base = own_folder(Path(place) / f"autograder-{os.getuid()}")
    with locked(base):  # nobody sweeps between making a folder and locking it
        sweep(base)
        folder = tempfile.mkdtemp(prefix="", dir=base)
        fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX)  # closed by the exit
    tempfile.tempdir = folder
    # After multiprocessing has removed its own folder in this one, at -100.
    Finalize(None, shutil.rmtree, (folder, True), exitpriority=-200)


def own_folder(path: Path) -> Path:
    """A folder of this user alone, in a place where anybody may write.

    Raises:
        FileExistsError: somebody else was there first.
    """
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise FileExistsError(17, "belongs to somebody else: remove it, or set TMPDIR", str(path))
    return path


def sweep(base: Path) -> None:
    """Remove the folders that no run has a lock on any more."""
    for folder in base.iterdir():
        with locked(folder, wait=False) as free:
            if free:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(folder: Path, wait: bool = True) -> Iterator[bool]:
    """Hold the lock on a folder; False if somebody else has it and one didn't want to wait."""
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:  # its run ended just now
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        free = True
    except BlockingIOError:
        free = False
    try:
        yield free
    finally:
        os.close(descriptor)
