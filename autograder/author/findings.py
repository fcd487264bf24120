"""What a proof of the course comes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was proven, or the problems that stand against it."""

    what: str
    problems: tuple[str, ...] = ()
    absent: bool = False  # the week does without it, and may
