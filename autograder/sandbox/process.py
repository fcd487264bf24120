"""A running worker: asks one question at a time, and ends it when the time is over.

A watchdog thread kills a worker that is past its deadline; the reading side then sees the end
of the stream. So nothing that a submission does or leaves undone can hold the grader up.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import BinaryIO, cast

from autograder import cores
from autograder.sandbox.launch import Launch
from autograder.sandbox.protocol import (
    Array,
    Ok,
    ProtocolError,
    Raised,
    Request,
    clean,
    pack,
    read_reply,
)

START_SECONDS = 60.0  # for the sandbox, Python and NumPy; none of it is counted
PRINTED_BYTES = 16 << 10  # kept of what the process itself writes to standard error
GRACE = 0.2  # seconds for a worker to end by itself, so that its processor time is accounted for
TICK = 0.05  # seconds between two looks at the clock


class WorkerTimeout(Exception):
    """The worker did not answer in time and was killed; `frames` say where it was, if it could."""

    def __init__(self, frames: Sequence[str] = ()) -> None:
        super().__init__()
        self.frames = list(frames)


class WorkerNotStarted(Exception):
    """The process ended before it knew of a submission: the grader's fault, never a zero."""


class WorkerCrashed(Exception):
    """The worker ended, or broke the protocol; the message says how."""


class Worker:
    """One worker process. After an exception from `ask` it is dead: start another."""

    def __init__(self, launch: Launch) -> None:
        self.core = cores.here()
        with cores.only(self.core):  # while it starts, this process has another one
            self.process = subprocess.Popen(
                launch.command,
                env=launch.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=launch.descriptors,
                start_new_session=True,
            )
        launch.close()
        self.group = launch.group
        self.requests = cast("BinaryIO", self.process.stdin)
        self.replies = cast("BinaryIO", self.process.stdout)
        self.printed = bytearray()
        self.deadline = float("inf")
        self.timed_out = self.ready = False
        self.done = threading.Event()
        self.last_id = 0
        self.threads = [threading.Thread(target=f, daemon=True) for f in (self.watch, self.drain)]
        for thread in self.threads:
            thread.start()

    @property
    def alive(self) -> bool:
        return not self.done.is_set()

    def wait_until_ready(self) -> None:
        """Wait for the message that the worker sends before it loads a submission.

        Raises:
            WorkerNotStarted: it ended without.
        """
        if self.ready:
            return
        self.deadline = time.monotonic() + START_SECONDS
        try:
            self.ready = read_reply(self.replies) is not None
        finally:
            self.deadline = float("inf")
        if not self.ready:
            printed = self.close().strip()[-500:]
            raise WorkerNotStarted(printed or how_it_ended(self.process.returncode))
        cores.keep_to(self.core)  # from now on the two take turns

    def ask(
        self, request: Request, arrays: list[Array], deadline: float
    ) -> tuple[Ok | Raised, list[Array]]:
        """Send a request and wait for its reply, until `deadline` (of time.monotonic).

        Raises:
            WorkerTimeout: no reply in time.
            WorkerCrashed: the process ended, or what it sent is no reply.
        """
        self.last_id += 1
        request.id = self.last_id
        self.deadline = deadline
        try:
            for part in pack(request, arrays):
                self.requests.write(part)
            self.requests.flush()
            answer = read_reply(self.replies)
        except ProtocolError as error:
            raise self.died(str(error)) from error
        except OSError:  # the pipe broke: it is dead, or was killed
            answer = None
        finally:
            self.deadline = float("inf")
        if answer is None:
            raise self.died("")
        if answer[0].id != request.id:
            raise self.died("a reply to another question")
        return answer

    def died(self, reason: str) -> WorkerTimeout | WorkerCrashed:
        """End the process; the exception that tells how it came to that."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0 if reason else 0.1)  # it may be just about to end by itself
        self.close()
        if self.timed_out:
            return WorkerTimeout()
        if reason:
            return WorkerCrashed(f"the grader received {clean(reason, 300)}")
        return WorkerCrashed(how_it_ended(self.process.returncode))

    def watch(self) -> None:
        """Kill the process once the deadline has passed."""
        while not self.done.wait(TICK):
            if time.monotonic() > self.deadline:
                self.timed_out = True
                self.kill()
                return

    def drain(self) -> None:
        """Read standard error to its end, so that a full pipe never blocks; keep its start."""
        stream = cast("BinaryIO", self.process.stderr)
        while chunk := os.read(stream.fileno(), 65536):
            self.printed += chunk[: max(0, PRINTED_BYTES - len(self.printed))]

    def kill(self) -> None:
        """Kill the process and its group; in the sandbox the whole PID namespace goes with it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self.process.kill()
            else:
                os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> str:
        """End the process if it still runs; what it wrote to standard error, cleaned."""
        if self.alive:
            cores.release()
            with contextlib.suppress(OSError):
                self.requests.close()  # no more questions: a worker that is well ends by itself
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE)
            self.kill()
            self.process.wait()
            if self.group is not None:
                self.group.remove()
            self.done.set()
            for thread in self.threads:
                if thread is not threading.current_thread():
                    thread.join(timeout=5)
            for stream in (self.requests, self.replies, self.process.stderr):
                with contextlib.suppress(OSError):
                    cast("BinaryIO", stream).close()
        return clean(self.printed.decode("utf-8", "replace"), PRINTED_BYTES)


def how_it_ended(code: int) -> str:
    """An exit status in words; bubblewrap reports a signal as 128 plus its number."""
    number = -code if code < 0 else code - 128
    with contextlib.suppress(ValueError):
        return f"the process was ended by {signal.Signals(number).name}"
    return f"the process ended by itself, with status {code}"
