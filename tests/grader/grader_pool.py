"""In place of a pool of processes: does the work at once, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any


class AtOnce(Executor):
    """`dying` holds the students whose submissions bring their process down."""

    dying: tuple[str, ...] = ()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            if getattr(args[0], "student", None) in self.dying:
                raise BrokenProcessPool
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def in_this_process(_processes: int, *_prepared: object) -> Iterator[AtOnce]:
    yield AtOnce()
