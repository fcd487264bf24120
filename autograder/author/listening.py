"""What each check asks of a submission and what it is answered, all of it, as two hashes.

A submission sees nothing of a check but its requests, and is judged by nothing but its answers. So
where either are the same in the rehearsal and in grading, a table of the former's answers passes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from autograder.sandbox.launch import Launch, Limits
from autograder.sandbox.protocol import Array, Ok, Request
from autograder.sandbox.session import Session, StudentError

# An object's number says how many there were before it, in other checks too.
HANDLE = re.compile(rb'("t":"handle","v":)\d+')


@dataclass(frozen=True)
class Heard:
    """Hashes of what was asked in a check, and of what was answered."""

    asked: bytes = b""
    answered: bytes = b""


class Listening(Session):
    """A session that remembers both, check by check."""

    in_one_message = False  # each is heard by itself

    def __init__(self, launch: Callable[[], Launch], limits: Limits) -> None:
        super().__init__(launch, limits)
        self.heard: list[Heard] = []

    def begin_check(self, trains: bool = False) -> None:
        super().begin_check(trains)
        self.heard.append(Heard())

    def ask(self, request: Request, arrays: list[Array] | None = None) -> tuple[Ok, list[Array]]:
        before = self.heard.pop()
        named = isinstance(request.target, str)
        plain = msgspec.structs.replace(request, id=0, target=request.target if named else -1)
        asked = chain(before.asked, plain, arrays or [])
        self.heard.append(Heard(asked, before.answered))
        try:
            reply, received = super().ask(request, arrays)
        except StudentError as error:
            self.heard[-1] = Heard(asked, chain(before.answered, error.kinds, []))
            raise
        said = [reply.value, reply.arrays]
        self.heard[-1] = Heard(asked, chain(before.answered, said, received))
        return reply, received

    def take(self) -> list[Heard]:
        """What was heard in each check since the last time, in their order."""
        heard, self.heard = self.heard, []
        return heard


def chain(before: bytes, message: object, arrays: Iterable[Array]) -> bytes:
    """The hash of all that was said until now."""
    said = hashlib.sha256(before + HANDLE.sub(rb"\1-1", msgspec.json.encode(message)))
    for array in arrays:
        said.update(array.tobytes())
    return said.digest()
