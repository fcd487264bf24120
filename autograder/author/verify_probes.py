"""Proves a week's probes: the solution has nothing wrong, and they tell its explanations apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

from autograder.author.findings import Finding
from autograder.mistakes.changing import replacing
from autograder.mistakes.evidence import Evidence
from autograder.mistakes.explaining import alike
from autograder.options import Options
from autograder.probes.findings import same
from autograder.probes.observing import Observation, Observing
from autograder.probes.predictions import declared
from autograder.probes.probe import Probe, probes_of
from autograder.probes.relations import LEAST
from autograder.probes.terms import evaluated, load
from course.config import Course, Week
from course.errors import CourseError

OPTIONS = Options(sandboxed=False)


def verify_probes(course: Course, week: Week, modules: Collection[str]) -> Finding:
    """What is wrong with the probes of these modules."""
    try:
        probes = {m: found for m in modules if (found := probes_of(course, week, m))}
        if not probes:
            return Finding("probes", absent=True)
        problems = [*of_the_solution(course, week, probes), *unseparated(course, week, probes)]
    except CourseError as error:
        return Finding("probes", error.problems)
    count = sum(map(len, probes.values()))
    what = f"the solution has nothing wrong in {count} probes, which tell explanations apart"
    return Finding(what, tuple(problems))


def of_the_solution(course: Course, week: Week, probes: dict[str, list[Probe]]) -> Iterator[str]:
    with replacing(course, week, OPTIONS) as (session, _):
        observing = Observing(course, week, session)
        for module, some in probes.items():
            seen, again = observing.observe(some), observing.observe(some)
            for one in seen:
                if one.wrong:
                    yield f"{one.probe.title}: wrong are {', '.join(one.wrong)}"
            yield from terms_of_nothing(course, week, module, seen)
            lost = {p.title for p in some} - {one.probe.title for one in seen}
            yield from (f"{title}: the solution does not get through it" for title in sorted(lost))
            if not same(seen, again):
                yield f"{module}: the solution gives not the same twice"
            known = week.modules[module]
            for name in sorted({probe.subject for probe in some} - set(known)):
                yield f"{module}: probes of {name}, which is none of {', '.join(known)}"


def terms_of_nothing(
    course: Course, week: Week, module: str, seen: list[Observation]
) -> Iterator[str]:
    """Formulas whose terms add up to what is expected in too few probes to explain anything."""
    for subject, formulas in load(course, week, module).items():
        for label, formula in formulas.items():
            some = [one for one in seen if one.probe.subject == subject]
            count = sum(bool(evaluated(formula, one, label)) for one in some)
            if count < LEAST:
                yield (
                    f"terms_{module}.py: the terms of {subject}'s {label} add up to what is "
                    f"expected in {count} probes, too few"
                )


def unseparated(course: Course, week: Week, modules: Collection[str]) -> Iterator[str]:
    """Explanations with different hints that give the same for all probes: none is ever shown."""
    found = declared(course, week, modules, OPTIONS, "explanations")
    for one, other in combinations([one for one in found if one.evidence], 2):
        same_hint = one.hint == other.hint or one.module != other.module
        if not same_hint and equal(one.evidence, other.evidence):
            yield f"no probe tells {one.id} from {other.id}: add one, or give them the same hint"


def equal(one: Evidence, other: Evidence) -> bool:
    """Whether the same is wrong in the same probes."""
    return one.keys() == other.keys() and all(
        labels.keys() == other[title].keys()
        and all(alike(array, other[title][label]) for label, array in labels.items())
        for title, labels in one.items()
    )
