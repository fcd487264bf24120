"""The solution with mistakes in it, and what it gives for probes: run once, and cached."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from autograder.mistakes.changing import replacing
from autograder.mistakes.effects import LIMITS
from autograder.mistakes.evidence import Evidence, pack, unpack
from autograder.mistakes.keys import Keys
from autograder.options import Options
from autograder.oracle.cache import cache_of
from autograder.probes.matching import by_label, same
from autograder.probes.observing import Observation, Observing, evidence
from autograder.probes.probe import Probe
from course.catalogue import Mistake
from course.config import Course, Week

SEEN = "seen"


@dataclass(frozen=True)
class Changed:
    """The text of a module of the solution, with these mistakes in it."""

    mistakes: tuple[Mistake, ...]
    text: str


@dataclass(frozen=True)
class Trials:
    """Runs the probes of a module on changed solutions; what is cached is not run again."""

    course: Course
    week: Week
    options: Options
    module: str

    def give(self, changed: list[Changed], probes: list[Probe]) -> list[Evidence]:
        """What each of them gives for these probes."""
        keys, cache = Keys(self.course, self.week, self.options), cache_of(self.course.root)
        names = [self.key(keys, one, probes) for one in changed]
        found = {name: cache.get(name) for name in names}
        missing = [(name, one) for name, one in zip(names, changed, strict=True) if not found[name]]
        if missing:
            trusted = replace(self.options, sandboxed=False, limits=LIMITS)  # our own code
            with replacing(self.course, self.week, trusted) as (session, put):
                observing = Observing(self.course, self.week, session)
                for name, one in missing:
                    put({one.mistakes[0].module: one.text})
                    found[name] = made = pack({SEEN: evidence(observing.observe(probes))})
                    cache.put(name, made)
        return [unpack(found[name] or {}).get(SEEN, {}) for name in names]

    def key(self, keys: Keys, changed: Changed, probes: list[Probe]) -> str:
        mistakes = map(keys.of_probes, changed.mistakes)
        titles = (probe.title for probe in probes)
        every = "\0".join([*mistakes, keys.of_arguments(self.module), *titles])
        return hashlib.sha256(every.encode()).hexdigest()


def is_all(given: Evidence, seen: list[Observation]) -> bool:
    """Whether just this is wrong in each of the probes."""
    titles = {one.probe.title for one in seen}
    predicted = by_label({title: wrong for title, wrong in given.items() if title in titles})
    wrong = by_label({one.probe.title: one.wrong for one in seen})
    return predicted.keys() == wrong.keys() and all(
        same(arrays, wrong[label]) for label, arrays in predicted.items()
    )
