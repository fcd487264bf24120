"""Calls of a submission that travel in one message: most of what a call costs is the journey.

They read like calls of a `Remote`, and are made in their order once a value is asked for:

    calls = worker.together()
    layer = calls.make(student.linear.Linear, 3, 4)
    output, grad = layer.forward(x), layer.backward(grad_out)
    parity("output", output.value, expected)

Of the first that raises, the values before it can still be had; it is raised where its own value,
or one behind it, is asked for. Where nobody asks for the last values, `done()` makes the calls all
the same. A message doesn't say which of its calls is to be refused: who knows could refuse just it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec.structs import replace

from autograder.sandbox import protocol as wire
from autograder.sandbox.protocol import Array, ProtocolError, Request, Value
from autograder.sandbox.remote import Function, Outgoing, Remote, handle_of, incoming
from autograder.sandbox.session import Session, StudentError


class Together:
    """Calls that wait, and what came of those that were made."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.waiting: list[Later] = []
        self.unseen: list[Later] = []  # made, and nobody has asked for a value from there on
        self.error: Exception | None = None  # of the call that was the last one

    def make(self, made: Function, *args: Any, **kwargs: Any) -> Later:
        """What a class or a function makes, left in the worker."""
        return self.add(
            Request(0, "make", attributes=[*made.attributes]), made.target, args, kwargs
        )

    def generator(self, seed: int) -> Later:
        """A numpy.random.Generator in the worker, for the `rng=` of a class."""
        return self.make(Function(self.session, "numpy.random", ("default_rng",)), seed)

    def keep(self, array: Array) -> Later:
        """An array that stays in the worker, so that one can see what a call did to it."""
        return self.add(Request(0, "keep"), "", (array,), {})

    def of(self, remote: Remote) -> Later:
        """An object that is in the worker already."""
        later = Later(self, Request(0, "keep"), remote, (), {})
        later.result = (remote,)
        return later

    def add(
        self,
        request: Request,
        target: str | Remote | Later,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        may_raise: bool = False,
    ) -> Later:
        later = Later(self, request, target, args, kwargs)
        later.may_raise = may_raise
        self.waiting.append(later)
        return later

    def done(self) -> None:
        """Make all calls that wait. Raises what one of them raised."""
        while self.waiting and self.error is None:
            self.send()
        if self.error is not None:
            raise self.error

    def until(self, later: Later) -> None:
        """Make calls up to this one; where they may travel together, those behind it too."""
        while later.result is None and self.error is None:
            self.send()
        if later.result is None or later in self.unseen:
            self.note(later)

    def send(self) -> None:
        many = len(self.waiting) if self.session.in_one_message else 1
        chosen, self.waiting = self.waiting[:many], self.waiting[many:]
        try:
            values, arrays = Message(self.session, chosen).ask()
        except Exception as error:
            self.error = error
            self.unseen += chosen
            return
        left: list[Array | None] = [*arrays]
        for later, value in zip(chosen, values, strict=True):
            self.unseen.append(later)
            try:
                later.take(value, left)
            except (StudentError, ProtocolError) as error:
                self.error = error  # what came behind it is nothing to look at
                return

    def note(self, last: Later) -> None:
        """Let the session know what was asked, up to this call, as if one went after the other."""
        while self.unseen:
            seen = self.unseen.pop(0)
            self.session.note(seen.request, seen.arrays)
            if seen is last:
                break


class Later:
    """A call that waits or was made; what it makes has methods, like a `Remote`."""

    def __init__(
        self,
        calls: Together,
        request: Request,
        target: str | Remote | Later,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        self.calls, self.request, self.target = calls, request, target
        self.args, self.kwargs = args, kwargs
        self.arrays: list[Array] = []  # what was sent with it
        self.result: tuple[Any] | None = None
        self.may_raise = False
        self.raised: StudentError | None = None  # where it may

    def take(self, value: Value | StudentError, arrays: list[Array | None]) -> None:
        """What came of it; its arrays are taken out of those of the whole message.

        Raises:
            StudentError: what it raised, unless it may.
            ProtocolError: it is no value.
        """
        if not isinstance(value, StudentError):
            self.result = (incoming(self.calls.session, value, arrays),)
            if self.request.op in ("make", "keep") and not isinstance(self.result[0], Remote):
                raise ProtocolError("no object from a call whose result stays")
        elif self.may_raise:
            self.result, self.raised = (None,), value
        else:
            raise value

    @property
    def value(self) -> Any:
        """What it gave. Raises what it raised, or what kept it from being made."""
        self.reach()
        if self.raised is not None:
            raise self.raised
        return None if self.result is None else self.result[0]

    def reach(self) -> None:
        """Make it. Raises what kept it from being made, and nothing of its own that it may."""
        self.calls.until(self)
        if self.result is None and self.calls.error is not None:
            raise self.calls.error

    def __getattr__(self, name: str) -> Callable[..., Later]:
        if name.startswith("_"):
            raise AttributeError(name)
        return partial(self.call, name)

    def call(self, method: str, /, *args: Any, **kwargs: Any) -> Later:
        return self.calls.add(Request(0, "call", attributes=[method]), self, args, kwargs)

    def attempt(self, method: str, /, *args: Any, **kwargs: Any) -> Later:
        """A call that may raise: those behind it are made all the same."""
        request = Request(0, "call", attributes=[method])
        return self.calls.add(request, self, args, kwargs, may_raise=True)

    def make(self, method: str, /, *args: Any) -> Later:
        """What a method returns, left in the worker."""
        return self.calls.add(Request(0, "make", attributes=[method]), self, args, {})

    def read(self, path: str = "") -> Later:
        """A dotted attribute, or a copy of what a kept array holds then."""
        attributes = path.split(".") if path else []
        return self.calls.add(Request(0, "get", attributes=attributes), self, (), {})

    def write(self, path: str, value: Any) -> Later:
        """Set a dotted attribute: `layer.write("weight.grad", zeros)`."""
        *attributes, name = path.split(".")
        request = Request(0, "set", attributes=attributes, name=name)
        return self.calls.add(request, self, (value,), {})


class Message(Outgoing):
    """Calls as one message, in which the result of one of them goes by its place."""

    def __init__(self, session: Session, calls: list[Later]) -> None:
        super().__init__(session)
        self.places = {id(later): place for place, later in enumerate(calls)}
        for later in calls:
            first = len(self.arrays)
            later.request = self.request(later)
            later.arrays = self.arrays[first:]
        self.calls = calls

    def request(self, later: Later) -> Request:
        target = later.target if isinstance(later.target, str) else self.handle(later.target)
        args = [self.encode(arg) for arg in later.args]
        kwargs = {name: self.encode(arg) for name, arg in later.kwargs.items()}
        return replace(later.request, target=target, args=args, kwargs=kwargs)

    def encode(self, value: Any) -> Value:
        return (
            wire.Handle(self.handle(value)) if isinstance(value, Later) else super().encode(value)
        )

    def handle(self, held: Remote | Later) -> int:
        if isinstance(held, Later):
            if held.result is None:
                return ~self.places[id(held)]
            return handle_of(held.result[0])
        return handle_of(held)

    def ask(self) -> tuple[list[Value | StudentError], list[Array]]:
        """What each of them gave, or raised."""
        requests = [later.request for later in self.calls]
        if len(requests) == 1:
            return self.ask_alone(replace(requests[0], arrays=self.specs))
        for request in requests:
            if isinstance(request.target, str) and request.target:
                self.session.import_module(request.target)
        together = Request(0, "together", steps=requests, arrays=self.specs)
        reply, arrays = self.session.ask(together, self.arrays)
        if not isinstance(reply.value, wire.List) or len(reply.value.v) != len(self.calls):
            raise ProtocolError("not an answer to each of several questions")
        return [StudentError(v) if isinstance(v, wire.Failed) else v for v in reply.value.v], arrays

    def ask_alone(self, request: Request) -> tuple[list[Value | StudentError], list[Array]]:
        try:
            reply, arrays = self.session.ask(request, self.arrays)
        except StudentError as error:
            return [error], []
        return [reply.value], arrays
