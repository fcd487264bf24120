"""What each check asks of a submission, all of it, as one hash.

A submission sees nothing of a check but its requests. Where those of the rehearsal and of grading
are the same, a table of the rehearsal's answers gives the right ones.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import msgspec

from autograder.sandbox.launch import Launch, Limits
from autograder.sandbox.protocol import Array, Ok, Request
from autograder.sandbox.session import Session

# An object's number says how many there were before it, in other checks too.
HANDLE = re.compile(rb'("t":"handle","v":)\d+')


class Listening(Session):
    """A session that hashes what is asked, check by check; `asked` holds them in their order."""

    def __init__(self, launch: Callable[[], Launch], limits: Limits) -> None:
        super().__init__(launch, limits)
        self.checks = [hashlib.sha256()]

    def begin_check(self, trains: bool = False) -> None:
        super().begin_check(trains)
        self.checks.append(hashlib.sha256())

    def ask(self, request: Request, arrays: list[Array] | None = None) -> tuple[Ok, list[Array]]:
        named = isinstance(request.target, str)
        plain = msgspec.structs.replace(request, id=0, target=request.target if named else -1)
        self.checks[-1].update(HANDLE.sub(rb"\1-1", msgspec.json.encode(plain)))
        for array in arrays or []:
            self.checks[-1].update(array.tobytes())
        return super().ask(request, arrays)

    def take(self) -> list[bytes]:
        """The hashes of the checks since the last time."""
        hashes = [check.digest() for check in self.checks[1:]]
        del self.checks[1:]
        return hashes
