"""The error that every fault of the course's own files ends in."""

from __future__ import annotations

from collections.abc import Iterable


class CourseError(Exception):
    """A file of the course is wrong: what, where, and what to do next.

    Attributes:
        problems: one message for each fault, so that all of them are seen at once.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """` Did you mean "optim"?` when a known name is close to `word`, otherwise nothing.

    `cutoff` is how much of the two must agree, from 0 (nothing) to 1 (all).
    """
    import difflib  # only ever needed on the way to an error

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f' Did you mean "{close[0]}"?' if close else ""
