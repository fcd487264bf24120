"""A module of somebody else's in a sandboxed worker, whose functions a test calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from textwrap import dedent
from typing import Any

from autograder.sandbox.launch import Launch, Limits, plain, sandboxed
from autograder.sandbox.remote import Function
from autograder.sandbox.session import Session

LIMITS = Limits(check_seconds=60.0, memory=1 << 29)
Call = Callable[..., Any]


@contextmanager
def inside(folder: Path, code: str, launch: Callable[..., Launch] = sandboxed) -> Iterator[Call]:
    """Start a worker on the code; what it yields calls a function in it by name."""
    folder.mkdir()
    (folder / "attack.py").write_text(dedent(code), encoding="utf-8")
    session = Session(partial(launch, folder, LIMITS), LIMITS)
    session.begin_check()
    try:
        yield lambda name, *args: Function(session, "attack", (name,))(*args)
    finally:
        session.close()


@contextmanager
def both(folder: Path, code: str, sandbox: bool) -> Iterator[tuple[Call, Call]]:
    """Two workers at the same time, in sandboxes or as plain processes."""
    launch = sandboxed if sandbox else plain
    with inside(folder / "one", code, launch) as one, inside(folder / "other", code, launch) as two:
        yield one, two
