"""What became of a week's mutants, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from autograder.author.verify_mutants import Judged, Outcome
from course.config import Course, Week


def text(course: Course, week: Week, outcome: Outcome) -> str:
    return "\n".join(lines(course, week, outcome))


def lines(course: Course, week: Week, outcome: Outcome) -> Iterator[str]:
    """Each module's score, then every survivor as a diff, then what is wrong with the marks."""
    modules = list(dict.fromkeys(one.mutant.module for one in outcome.judged))
    width = max(map(len, ["module", *modules]))
    yield f"{'module':{width}}  killed  mutants  equivalent   score"
    for name, part in [(name, outcome.of(name)) for name in modules] + [("all", outcome)]:
        yield (
            f"{name:{width}}  {part.killed:6}  {len(part.judged):7}  {part.equivalent:10}  "
            f"{part.score:5.1f} %"
        )
    for one in outcome.survivors:
        yield f"\n{place(course, week, one)}: {one.mutant.id} survives"
        yield f"  -{one.mutant.before}"
        yield f"  +{one.mutant.after}"
    if outcome.problems:
        yield ""
        yield from outcome.problems


def place(course: Course, week: Week, one: Judged) -> str:
    file = course.folder(week.number) / f"{one.mutant.module}.py"
    return f"{course.relative(file)}:{one.mutant.line}"


def as_json(course: Course, week: Week, outcome: Outcome) -> str:
    """The same for programs, with what killed each mutant."""
    mutants: list[dict[str, Any]] = [
        {
            "id": one.mutant.id,
            "place": place(course, week, one),
            "before": one.mutant.before,
            "after": one.mutant.after,
            "killer": one.killer or None,
            "equivalent": one.equivalent,
        }
        for one in outcome.judged
    ]
    whole = {"week": week.number, "score": outcome.score, "problems": outcome.problems}
    return msgspec.json.format(msgspec.json.encode(whole | {"mutants": mutants})).decode()
