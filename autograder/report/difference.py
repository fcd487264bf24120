"""What a save changed: which checks pass now, and which did until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.report import text
from autograder.results import CheckResult, Record, Verdict

NAMED = 3  # checks that are named; of more their number is told
LEVELS = "▁▂▃▄▅▆▇█"
PLAIN_LEVELS = "_.-=*#"
LONGEST = 24  # scores in a line of them


@dataclass(frozen=True)
class Difference:
    """The checks that pass now and didn't, and those that passed and don't."""

    gained: list[CheckResult] = field(default_factory=list)
    lost: list[CheckResult] = field(default_factory=list)

    @classmethod
    def between(cls, before: Record | None, now: Record) -> Difference:
        passed = {c.id for c in before.checks if c.verdict is Verdict.PASSED} if before else set()
        return cls(
            [c for c in now.checks if c.verdict is Verdict.PASSED and c.id not in passed],
            [c for c in now.checks if c.verdict is not Verdict.PASSED and c.id in passed],
        )

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost)

    def in_words(self) -> list[str]:
        """+3: ReLU, gradient of the input. One sentence for what was gained, one for what not."""
        parts = (("+", self.gained), ("-", self.lost))
        return [f"{sign}{points(checks)}: {named(checks)}" for sign, checks in parts if checks]


def points(checks: Sequence[CheckResult]) -> str:
    return text.points(sum(check.max_points for check in checks))


def named(checks: Sequence[CheckResult]) -> str:
    """ReLU, gradient of the input; Linear, output; and 4 more checks."""
    titles = [text.one_line(check.title).replace(": ", ", ", 1) for check in checks[:NAMED]]
    if len(checks) > NAMED:
        titles.append(f"and {text.count(len(checks) - NAMED, 'more check')}")
    return "; ".join(titles)


def history(shares: Sequence[float], plain: bool = False) -> str:
    """The last scores as a small line: ▁▃▅█, from nothing to everything."""
    levels = PLAIN_LEVELS if plain else LEVELS
    return "".join(levels[min(int(share * len(levels)), len(levels) - 1)]
                   for share in shares[-LONGEST:])  # fmt: skip
