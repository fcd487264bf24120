"""How many mutants of a week's solution its checks kill, and which they let live.

A mistake of the catalogue is one that people make; a mutant is any small change. One that passes
every check shows what no check looks at, unless it is marked as equivalent in mutants.toml.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from autograder.author.run_mutants import OPTIONS, SURVIVED, killers
from autograder.mutants.mutants import Mutant, mutants_of
from autograder.options import GradingError, Options
from course import equivalents
from course.config import Course, Week
from course.equivalents import Equivalent


class Sample(NamedTuple):
    """So many mutants, drawn with this seed; 0 stands for all."""

    size: int = 0
    seed: int = 0

    def of(self, mutants: Sequence[Mutant]) -> list[Mutant]:
        if not 0 < self.size < len(mutants):
            return list(mutants)
        chosen = random.Random(self.seed).sample(range(len(mutants)), self.size)
        return [mutants[i] for i in sorted(chosen)]


class Judged(NamedTuple):
    """A mutant and what became of it."""

    mutant: Mutant
    killer: str  # the check, and how it ended; SURVIVED if it was none
    equivalent: bool  # it is marked as one


class Outcome(NamedTuple):
    """What became of the mutants that were run, and what is wrong with mutants.toml."""

    judged: tuple[Judged, ...]
    problems: tuple[str, ...]

    def of(self, module: str) -> Outcome:
        return Outcome(tuple(j for j in self.judged if j.mutant.module == module), ())

    @property
    def killed(self) -> int:
        return sum(one.killer != SURVIVED for one in self.judged)

    @property
    def equivalent(self) -> int:
        """Those that live and are marked: a mark doesn't help one that is killed."""
        return sum(one.equivalent and one.killer == SURVIVED for one in self.judged)

    @property
    def survivors(self) -> list[Judged]:
        return [j for j in self.judged if j.killer == SURVIVED and not j.equivalent]

    @property
    def score(self) -> float:
        """Per cent of the mutants that are not equivalent; 100 if there is none."""
        counted = len(self.judged) - self.equivalent
        return 100.0 * self.killed / counted if counted else 100.0


def judge(
    course: Course,
    week: Week,
    module: str = "",
    sample: Sample | None = None,
    jobs: int = 0,
    options: Options = OPTIONS,
) -> Outcome:
    """Make the mutants of a week, or of one of its modules, and run them.

    Raises:
        CourseError: mutants.toml is wrong.
        GradingError: the solution itself fails a check, so that nothing could be learnt.
    """
    marked = {one.id: one for one in equivalents.load(course, week)}
    every = [m for name in week.modules for m in mutants_of(name, source(course, week, name))]
    chosen = (sample or Sample()).of([m for m in every if module in ("", m.module)])
    solutions = [unchanged(course, week, name) for name in sorted({m.module for m in chosen})]
    killed = killers(course, week, [*solutions, *chosen], options, jobs)
    for solution in solutions:
        if killer := killed[solution.id]:
            raise GradingError(f"the solution fails {killer}: no mutant can be told from it")
    judged = tuple(Judged(m, killed[m.id], is_marked(m, marked)) for m in chosen)
    return Outcome(judged, tuple(stale(every, judged, marked)))


def source(course: Course, week: Week, module: str) -> str:
    return (course.folder(week.number) / f"{module}.py").read_text(encoding="utf-8")


def unchanged(course: Course, week: Week, module: str) -> Mutant:
    """The solution, to be run as if it were a mutant."""
    return Mutant(module, module, 1, "", "", source(course, week, module))


def is_marked(mutant: Mutant, marked: Mapping[str, Equivalent]) -> bool:
    return mutant.id in marked and marked[mutant.id].after == mutant.after


def stale(
    every: Sequence[Mutant], judged: Sequence[Judged], marked: Mapping[str, Equivalent]
) -> Iterator[str]:
    """Marks without a mutant, with another one by now, or with one that a check does kill."""
    mutants = {mutant.id: mutant for mutant in every}
    killed = {one.mutant.id: one.killer for one in judged if one.killer != SURVIVED}
    for id, mark in marked.items():
        if id not in mutants:
            yield f"{mark.place}: there is no mutant {id}. Take the entry out."
        elif mutants[id].after != mark.after:
            after = mutants[id].after
            yield f"{mark.place}: {id} is another mutant by now. Its line is: {after}"
        elif id in killed:
            yield f"{mark.place}: {id} is killed by {killed[id]}. Take the entry out."
