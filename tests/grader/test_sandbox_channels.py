"""Two submissions that are graded at the same time can't tell each other anything.

Both see the same read-only files. What one does to them must leave no trace that the other sees:
each channel is tried between two plain processes, where it works, and between two sandboxes.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from grader_inside import both

CODE = """
    import ctypes, errno, fcntl, json, mmap, os, platform, struct, sys
    import numpy as np

    libc = ctypes.CDLL(None, use_errno=True)
    FILES = [os.open(path, os.O_RDONLY) for path in
             (json.__file__, os.path.realpath(sys.executable), np.__file__, "/usr/bin/env")]
    READ_LOCK, WRITE_LOCK = (struct.pack("hhqqi4x", kind, 0, 0, 0, 0)
                             for kind in (fcntl.F_RDLCK, fcntl.F_WRLCK))

    def attempt(call, *arguments):
        try:
            answer = call(*arguments)
        except OSError as error:
            return errno.errorcode[error.errno]
        return answer.hex() if isinstance(answer, bytes) else str(answer)

    def send(channel):
        "Take a lock on each file: how that ended."
        if channel == "flock":
            return [attempt(fcntl.flock, file, fcntl.LOCK_EX | fcntl.LOCK_NB) for file in FILES]
        command = {"record": fcntl.F_SETLK, "open file": fcntl.F_OFD_SETLK}[channel]
        return [attempt(fcntl.fcntl, file, command, READ_LOCK) for file in FILES]

    def receive(channel):
        "What can be seen of another's locks."
        if channel == "flock":
            seen = [attempt(fcntl.flock, file, fcntl.LOCK_SH | fcntl.LOCK_NB) for file in FILES]
            for file in FILES:
                attempt(fcntl.flock, file, fcntl.LOCK_UN)
            return seen
        command = {"record": fcntl.F_GETLK, "open file": fcntl.F_OFD_GETLK}[channel]
        return [attempt(fcntl.fcntl, file, command, WRITE_LOCK) for file in FILES]

    def watch():
        "Watch a file: whether that can be done."
        global queue
        queue = libc.inotify_init1(os.O_NONBLOCK)
        return libc.inotify_add_watch(queue, json.__file__.encode(), 0xFFF) >= 0

    def touch():
        with open(json.__file__) as file:
            return file.read() > ""

    def noticed():
        return attempt(os.read, queue, 4096) not in ("EAGAIN", "EBADF")

    def futex(operation):
        "Wait, or wake, at a page of a file that all see: how that ended."
        page = mmap.mmap(FILES[0], 0, mmap.MAP_SHARED, mmap.PROT_READ)
        word, now = int.from_bytes(page[:4], sys.byteorder), struct.pack("qq", 0, 0)
        address = ctypes.c_void_p(np.frombuffer(page, np.uint8).ctypes.data)
        number = {"x86_64": 202, "aarch64": 98}[platform.machine()]
        if libc.syscall(number, address, operation, word, now, None, 0) == -1:
            return errno.errorcode[ctypes.get_errno()]
        return "done"
"""
FUTEX_WAIT, FUTEX_WAKE = 0, 1


def observed(folder: Path, channel: str, sandbox: bool) -> tuple[list[str], list[str]]:
    """What one process sees before and after the other has sent."""
    with both(folder, CODE, sandbox) as (sender, receiver):
        sender("touch")  # it is up, and has opened the files
        before = receiver("receive", channel)
        sender("send", channel)
        return before, receiver("receive", channel)


@pytest.mark.parametrize("channel", ["flock", "record", "open file"])
def test_lock_of_one_submission_is_not_seen_by_another(tmp_path: Path, channel: str) -> None:
    before, after = observed(tmp_path, channel, sandbox=True)
    assert before == after == ["EPERM"] * 4


@pytest.mark.parametrize("channel", ["flock", "record", "open file"])
def test_lock_is_seen_without_a_sandbox(tmp_path: Path, channel: str) -> None:
    before, after = observed(tmp_path, channel, sandbox=False)
    assert all(one != other for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize("sandbox", [True, False])
def test_file_that_one_submission_opens_is_noticed_without_a_sandbox_only(
    tmp_path: Path, sandbox: bool
) -> None:
    with both(tmp_path, CODE, sandbox) as (sender, receiver):
        assert receiver("watch") is not sandbox
        assert sender("touch")
        assert receiver("noticed") is not sandbox


@pytest.mark.parametrize(("sandbox", "waited", "woke"), [
    (True, "EPERM", "EPERM"),
    (False, "ETIMEDOUT", "done"),
])  # fmt: skip
def test_submissions_cannot_wake_each_other(
    tmp_path: Path, sandbox: bool, waited: str, woke: str
) -> None:
    with both(tmp_path, CODE, sandbox) as (sender, receiver):
        assert waited == receiver("futex", FUTEX_WAIT)
        assert woke == sender("futex", FUTEX_WAKE)
