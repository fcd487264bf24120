"""A control group for each worker, where this system lets us make one.

RLIMIT_AS bounds a worker's address space. A control group (version 2) bounds all memory that it
causes, what the kernel keeps for it included. It needs a group above this process whose children
have a memory limit and that is ours to write: as root where systemd runs, or in a delegated part
of the tree (`systemd-run --user --scope`). Elsewhere there is none, and the other limits hold.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from functools import lru_cache
from pathlib import Path

import msgspec

# Above RLIMIT_AS, so that Python's MemoryError comes before the kernel's kill.
HEADROOM = 128 << 20
PATIENCE = 2.0  # seconds for killed processes to leave their group
NUMBERS = itertools.count()


class Group(msgspec.Struct, frozen=True):
    """One worker's control group, by its folder."""

    folder: Path

    @property
    def procs(self) -> Path:
        """The file into which a process writes its number to join."""
        return self.folder / "cgroup.procs"

    def remove(self) -> None:
        """End what is still in it, and remove it."""
        with contextlib.suppress(OSError):  # Linux before 5.14 lacks the file
            put(self.folder / "cgroup.kill", "1")
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self.folder.rmdir()
                return
            time.sleep(0.001)


def make(memory: int) -> Group | None:
    """A new group whose processes together have `memory` bytes, or None if none can be made."""
    if (above := parent()) is None:
        return None
    folder = above / f"autograder-{os.getpid()}-{next(NUMBERS)}"
    try:
        folder.mkdir()
    except OSError:
        return None
    try:
        put(folder / "memory.max", str(memory + HEADROOM))
        put(folder / "memory.oom.group", "1")
        with contextlib.suppress(OSError):  # a kernel without swap lacks the file
            put(folder / "memory.swap.max", "0")
    except OSError:
        folder.rmdir()
        return None
    return Group(folder)


@lru_cache(maxsize=1)
def parent() -> Path | None:
    """The nearest group above this process in which groups with a memory limit can be made."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
        own = Path("/proc/self/cgroup").read_text(encoding="utf-8")
    except OSError:  # not Linux
        return None
    found = nearest(mounts, own)
    if found is not None:
        sweep(found)
    return found


def sweep(above: Path) -> None:
    """Remove the groups of graders that were killed; one that is alive removes its own."""
    for folder in above.glob("autograder-*-*"):
        if not Path("/proc", folder.name.split("-")[1]).exists():
            with contextlib.suppress(OSError):  # something is left in it
                folder.rmdir()


def nearest(mounts: str, own: str) -> Path | None:
    """The same, given /proc/self/mountinfo and /proc/self/cgroup."""
    tops = [line.split()[3:5] for line in mounts.splitlines() if " - cgroup2 " in line]
    paths = [line[3:] for line in own.splitlines() if line.startswith("0::")]
    if not tops or not paths or not Path(paths[0]).is_relative_to(tops[0][0]):
        return None
    top = Path(tops[0][1])
    group = top / Path(paths[0]).relative_to(tops[0][0])
    return next((g for g in (group, *group.parents) if g.is_relative_to(top) and usable(g)), None)


def usable(group: Path) -> bool:
    """Whether processes may be moved into new groups below this one, with a memory limit."""
    try:
        controllers = (group / "cgroup.subtree_control").read_text(encoding="utf-8").split()
    except OSError:
        return False
    writable = all(os.access(path, os.W_OK) for path in (group, group / "cgroup.procs"))
    return "memory" in controllers and writable


def put(file: Path, value: str) -> None:
    """Write to one of a group's files, which the kernel made: a missing one is an OSError."""
    with file.open("r+", encoding="utf-8") as stream:
        stream.write(value)
