"""One submission's workers, one after another: starts them, restarts them, watches the time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from autograder.sandbox.launch import Launch, Limits
from autograder.sandbox.process import Worker, WorkerCrashed, WorkerTimeout
from autograder.sandbox.protocol import Array, ArrayRef, Failed, Ok, Raised, Request, clean

TIME_IS_UP = "TimeIsUp"  # what a worker raises in its submission when a check's time is over
TO_SAY_WHERE = 0.5  # seconds for it to say so, before it is killed

Listener = Callable[[Request, list[Array], Ok | Raised | None], None]


class StudentError(Exception):
    """An exception that the submission raised, as the worker described it (cleaned)."""

    def __init__(self, raised: Raised | Failed) -> None:
        self.kinds = [clean(kind, 100) for kind in raised.kinds[:20]] or ["Exception"]
        self.message = clean(raised.message)
        self.frames = [
            f"{clean(file, 100)}:{line} in {clean(function, 100) or 'module'}: {clean(source, 200)}"
            for file, line, function, source in raised.frames[:8]
        ]
        super().__init__(f"{self.kinds[0]}: {self.message}" if self.message else self.kinds[0])

    @property
    def not_attempted(self) -> bool:
        return "NotImplementedError" in self.kinds


class RefusedModule(StudentError):
    """A module that was not taken in: missing, a link, not UTF-8; the message says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(Raised(0, ["ImportError"], reason, []))


def is_given_an_array(request: Request) -> bool:
    """Whether this calls a method on an array; one inside of a dictionary is no input of it."""
    called = request.op == "call" and isinstance(request.target, int)
    return called and any(isinstance(arg, ArrayRef) for arg in request.args[:1])


class Session:
    """Asks the submission; a worker that ended is replaced by a new one for the next check.

    Objects in a worker die with it: `generation` counts the workers, so that a remote object
    of an earlier one is recognised.
    """

    def __init__(
        self, launch: Callable[[], Launch], limits: Limits, refused: dict[str, str] | None = None
    ) -> None:
        self.launch, self.limits = launch, limits
        self.refused = refused or {}
        self.broken: dict[str, WorkerTimeout | WorkerCrashed] = {}  # modules fatal to import
        self.imported: set[str] = set()
        self.generation = 0
        self.left = limits.check_seconds  # that the submission may still take for this check
        self.spent = 0.0
        self.printed: list[str] = []
        self.given: dict[str, Array] = {}  # the first array that each method got last
        self.asked = ""  # which method was called last, and with an array of which shape
        self.answered = False  # whether the check has got anything from the worker
        self.process_output = ""
        self.worker: Worker | None = None
        self.given_up = False
        self.listener: Listener | None = None  # hears what was asked, and the reply if one came
        self.start()

    def start(self) -> Worker:
        """A running worker; its imports happen while the caller goes on."""
        if self.worker is None or not self.worker.alive:
            self.worker = Worker(self.launch())
            self.generation += 1
            self.imported.clear()
        return self.worker

    def begin_check(self, trains: bool = False) -> None:
        """Give the next check its time, and forget what the last one printed."""
        limits = self.limits
        seconds = limits.training_seconds if trains else limits.check_seconds
        self.left = min(seconds, max(limits.total_seconds - self.spent, 0.0))
        self.printed.clear()
        self.given.clear()
        self.answered = False

    @property
    def exhausted(self) -> bool:
        """Whether the submission has used all of its time."""
        return self.spent >= self.limits.total_seconds

    def ask(self, request: Request, arrays: list[Array] | None = None) -> tuple[Ok, list[Array]]:
        """Send a request to the worker.

        Raises:
            StudentError: the submission raised an exception.
            WorkerTimeout, WorkerCrashed: no answer.
            WorkerNotStarted: through our fault.
        """
        if isinstance(request.target, str) and request.target:
            self.import_module(request.target)
        return self.exchange(request, arrays or [])

    def import_module(self, name: str) -> None:
        """Import a module once per worker. One that ends the process isn't tried again."""
        module = name.rpartition(".")[2]
        if module in self.refused:
            raise RefusedModule(self.refused[module])
        if error := self.broken.get(name):
            raise error
        self.start()
        if name in self.imported:
            return
        try:
            self.exchange(Request(0, "get", target=name), [])
        except (WorkerTimeout, WorkerCrashed) as error:
            self.broken[name] = error
            raise
        self.imported.add(name)

    @property
    def in_one_message(self) -> bool:
        """Whether several requests may go together. Who listens hears one at a time."""
        return self.listener is None

    def note(self, request: Request, arrays: list[Array]) -> None:
        """Remember what is asked, for messages; the arrays are the request's own."""
        method = request.attributes[-1] if request.attributes else ""
        if is_given_an_array(request):
            self.given[method or "call"] = arrays[0]
        self.asked = f"{method} of {arrays[0].shape}" if arrays else method

    def exchange(self, request: Request, arrays: list[Array]) -> tuple[Ok, list[Array]]:
        self.note(request, arrays)
        worker = self.start()
        worker.wait_until_ready()  # this time is ours, like what checks and oracles take
        started = time.monotonic()
        reply: Ok | Raised | None = None
        try:
            # JSON has no infinity, and 0 stands for no limit.
            request.seconds = max(self.left, 0.001) if math.isfinite(self.left) else 0.0
            reply, received = worker.ask(request, arrays, started + self.left + TO_SAY_WHERE)
        except WorkerTimeout:
            self.collect_output()
            raise
        except WorkerCrashed:
            self.collect_output()
            if time.monotonic() - started >= self.left:  # the alarm ended what it had become
                raise WorkerTimeout from None
            raise
        finally:
            if self.listener is not None:
                self.listener(request, arrays, reply)
            taken = time.monotonic() - started
            self.spent += taken
            self.left -= taken
        self.answered = True
        if reply.printed:
            self.printed.append(clean(reply.printed, 8192))
        if isinstance(reply, Raised):
            if reply.kinds[:1] == [TIME_IS_UP]:
                self.collect_output()  # half of what it was at is done
                raise WorkerTimeout(StudentError(reply).frames)
            raise StudentError(reply)
        return reply, received

    def give_up(self) -> None:
        """End the check that is running, from another thread; those behind it have no time left."""
        self.given_up, self.spent = True, float("inf")
        if (worker := self.worker) is not None and worker.alive:
            worker.kill()

    def collect_output(self) -> None:
        if self.worker is not None:
            self.process_output = (self.process_output + self.worker.close())[:16384]

    def close(self) -> None:
        """End the worker; what it printed outside of calls stays in `process_output`."""
        self.collect_output()
        self.worker = None
