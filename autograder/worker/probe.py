"""What a submission might try, tried by `autograder doctor` in a worker of its own.

Each attempt is harmless where it succeeds: what it makes it gives back, and a mode is set to what
it is already.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import socket
import stat
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path


def attempts(memory: int, places: Sequence[str]) -> list[tuple[str, str]]:
    """What was tried, and the error that it met; an empty one if it succeeded.

    Args:
        memory: bytes that are more than it may have.
        places: files and folders of the host that must not be seen.
    """
    tried: dict[str, Callable[[], object]] = {
        "make a socket": make_socket,
        "start a process": start_process,
        "signal other processes": lambda: os.kill(1, 0),
        "lock a file that others see": lock,
        "watch a file that others see": watch,
        "read /etc/passwd": lambda: Path("/etc/passwd").read_bytes(),
        "list /proc": lambda: os.listdir("/proc"),  # noqa: PTH208
        "list /sys": lambda: os.listdir("/sys"),  # noqa: PTH208
        "write to /tmp": lambda: write("/tmp"),
        "write to /usr": lambda: write("/usr"),
        "change /dev/null": change_device,
        f"take {memory >> 20} MB of memory": partial(bytearray, memory),
        **{f"see the {Path(place).name} at hand": partial(os.stat, place) for place in places},
    }
    return [(name, error_of(attempt)) for name, attempt in tried.items()]


def error_of(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    except MemoryError:
        return "MemoryError"
    return ""


def make_socket() -> None:
    socket.socket().close()


def start_process() -> None:
    if not (number := os.fork()):
        os._exit(0)
    os.waitpid(number, 0)


def lock() -> None:
    with open(os.__file__, "rb") as file:  # noqa: PTH123
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


def watch() -> None:
    descriptor = ctypes.CDLL(None, use_errno=True).inotify_init1(0)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    os.close(descriptor)


def write(folder: str) -> None:
    path = Path(folder) / "probe-of-the-grader"
    path.touch()
    path.unlink()


def change_device() -> None:
    os.chmod("/dev/null", stat.S_IMODE(os.stat("/dev/null").st_mode))  # noqa: PTH101, PTH116


def files(most: int) -> int:
    """How many empty files can be made in /tmp: `most`, or fewer if there is an end to it."""
    made = 0
    with contextlib.suppress(OSError):
        while made < most:
            Path(f"/tmp/{made}").touch()
            made += 1
    return made
