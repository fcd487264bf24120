"""The solution with a slip in it: a factor left out, another axis. Nobody has to declare that.

Of slips that give the same for all probes the first is told, and those that give nothing wrong, or
nothing but an exception, are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from autograder.mistakes.changing import replacing
from autograder.mistakes.evidence import Evidence, flatten, pack, unpack
from autograder.mistakes.keys import Keys, digest
from autograder.mistakes.spreading import spread
from autograder.mutants.slips import Slip, slips_of
from autograder.options import Options
from autograder.oracle.cache import cache_of
from autograder.probes.observing import EXCEPTION, LIMITS, Observing, evidence
from autograder.probes.probe import probes_about
from course.config import Course, Week, load_course

Told = dict[str, Evidence]  # number and sentence of a slip -> what is wrong then


def told(course: Course, week: Week, module: str, options: Options, doing: str = "") -> Told:
    """What the probes of a module get wrong with each slip; from the cache where it is there."""
    key = Keys(course, week, options).of_slips(module)
    if (cached := cache_of(course.root).get(key)) is not None:
        return unpack(cached)
    source = (course.folder(week.number) / f"{module}.py").read_text(encoding="utf-8")
    slips = slips_of(source)
    work = partial(run_some, course.root, week.number, module)
    made = spread(work, slips, doing and f"week {week.number}, {module}: {doing}")
    found = different({f"{n}: {slip.hint}": made[slip.source] for n, slip in enumerate(slips)})
    cache_of(course.root).put(key, pack(found))
    return found


def run_some(root: Path, number: int, module: str, slips: Sequence[Slip]) -> dict[str, Evidence]:
    """What some slips give for the probes of their class, by the source of each."""
    course = load_course(root)
    week = course.week(number)
    found = {}
    with replacing(course, week, Options(sandboxed=False, limits=LIMITS)) as (session, put):
        observing = Observing(course, week, session)
        for slip in slips:
            put({module: slip.source})
            about = probes_about(course, week, module, slip.function)
            found[slip.source] = evidence(observing.observe(about))
    return found


def different(found: Told) -> Told:
    """The first of those that give the same."""
    kept: dict[str, str] = {}
    for name, seen in found.items():
        if any(label != EXCEPTION for labels in seen.values() for label in labels):
            arrays = flatten(seen)
            text = [f"{place} {a.shape} {a.dtype} {a}" for place, a in sorted(arrays.items())]
            kept.setdefault(digest(text, []), name)
    return {name: found[name] for name in kept.values()}
