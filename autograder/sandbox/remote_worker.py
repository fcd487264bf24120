"""The process that holds a submission, as checks see it."""

from __future__ import annotations

from typing import Any

from autograder.sandbox.protocol import Array, ProtocolError, Request
from autograder.sandbox.remote import Function, Remote, handle_of, send
from autograder.sandbox.session import Session
from autograder.sandbox.together import Together


class RemoteWorker:
    """The process that holds the submission, for what a check asks of the process itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def together(self) -> Together:
        """Calls that are made in one message."""
        return Together(self._session)

    def keep(self, array: Array) -> Remote:
        """An array that stays in the worker, so that a check can see what a call did to it."""
        kept = send(self._session, Request(0, "keep"), (array,), {})
        if not isinstance(kept, Remote):
            raise ProtocolError("no handle for an array to keep")
        return kept

    def keep_result(self, function: Function, *args: Any) -> Remote:
        """What a call returns, left in the worker, so that a check can change it there."""
        kept: Remote = function.ask(True, args, {})
        return kept

    def fetch(self, remote: Remote) -> Any:
        """A copy of what a kept array holds now."""
        return send(self._session, Request(0, "get", target=handle_of(remote)), (), {})

    def generator(self, seed: int) -> Any:
        """A numpy.random.Generator in the worker, for the `rng=` of a class."""
        return self.call("numpy.random.default_rng", seed)

    def call(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """What a function by its dotted name returns there: `worker.call("numpy.copyto", x, y)`."""
        module, _, name = path.rpartition(".")
        return Function(self._session, module, (name,))(*args, **kwargs)
