"""The terminal: a console for reports, and progress of long work on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

WIDTH_OF_A_PIPE = 80


def stdout() -> Console:
    """Standard output: colours in a terminal (unless NO_COLOR is set), plain text in a pipe."""
    return Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, and in a log one line at each quarter; call what it yields per step."""
    if sys.stderr.isatty():
        with bar(what, total) as advance:
            yield advance
        return
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        if done * 4 // total > (done - 1) * 4 // total:
            sys.stderr.write(f"{what}: {done} of {total}\n")
            sys.stderr.flush()

    yield count


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as display:
        task = display.add_task(what, total=total)
        yield lambda: display.advance(task)
