"""Work on all cores, a share of it at a time, with its progress shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from contextlib import nullcontext
from typing import TypeVar

from autograder.pool import pool
from autograder.progress import progress

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST = 12  # for one worker: what each leaves in its memory adds up


def spread(
    work: Callable[[Sequence[Item]], Mapping[str, Result]],
    items: Sequence[Item],
    doing: str = "",
    jobs: int = 0,
) -> dict[str, Result]:
    """What `work` makes of the items, by their names.

    Args:
        work: done in other processes, so it and what it takes and returns can be pickled.
        doing: what is shown while it goes on; nothing is shown without.
        jobs: how many run at a time; 0 means one for each core.
    """
    found: dict[str, Result] = {}
    if not items:
        return found
    shown = progress(doing, len(items)) if doing else nullcontext(lambda: None)
    with shown as advance, pool(min(jobs or os.cpu_count() or 1, len(items))) as executor:
        futures = [executor.submit(work, some) for some in shares(items)]
        for future in as_completed(futures):
            for name, result in future.result().items():
                found[name] = result
                advance()
    return found


def shares(items: Sequence[Item]) -> list[Sequence[Item]]:
    """The items in parts, of which every processor gets several, and a worker not too much."""
    size = min(MOST, max(1, len(items) // (4 * (os.cpu_count() or 1))))
    return [items[start : start + size] for start in range(0, len(items), size)]
