"""What each mistake of the catalogue, and each deviation, gives for the probes of its module."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import partial
from pathlib import Path

import msgspec

from autograder.mistakes.changing import replacing
from autograder.mistakes.effects import LIMITS
from autograder.mistakes.evidence import Evidence, pack, unpack
from autograder.mistakes.keys import Keys, around, digest
from autograder.mistakes.spreading import spread
from autograder.mistakes.variants import variant
from autograder.options import Options
from autograder.oracle.cache import cache_of
from autograder.oracle.released import Released
from autograder.probes import arguments, slips
from autograder.probes.observing import FILE, Observing, evidence
from autograder.probes.probe import probes_about, probes_of
from course import catalogue
from course.catalogue import Mistake
from course.config import Course, Week, load_course

EXPLANATIONS = "explanations.json"  # in a released week
SOURCES = "sources"  # what they were made of, by module
EXPLAINS = "explains"  # what they give, beside the expected arrays


class Rank(IntEnum):
    """Of two explanations that fit, the one of the higher rank is given."""

    SLIP = 0  # these two are found without a declaration
    ARGUMENT = 1
    DEVIATION = 2
    MISTAKE = 3  # of the catalogue


@dataclass(frozen=True)
class Prediction:
    """An explanation, and what it makes wrong: by the title of the probe, by label."""

    id: str
    hint: str
    module: str
    rank: Rank
    evidence: Evidence

    @property
    def labels(self) -> frozenset[str]:
        """All that it makes wrong in any probe."""
        return frozenset(label for wrong in self.evidence.values() for label in wrong)


class ReleasedExplanation(msgspec.Struct, frozen=True):
    """What a student's checkout knows of an explanation: no line of the solution."""

    id: str
    hint: str
    module: str
    rank: Rank


def predictions(
    course: Course, week: Week, modules: Collection[str], options: Options, doing: str = ""
) -> list[Prediction]:
    """What the explanations of these modules give: as released, where nothing has changed since."""
    release = Released(course.released_checks(week.number) / FILE)
    if not course.has_solutions:
        return [one for one in released(release) if one.module in modules]
    listed = explanations(course, week)
    ready = up_to_date(course, week, release, listed).intersection(modules)
    known = [one for one in released(release) if one.module in ready] if ready else []
    told = {one.id for one in known}
    known += [  # which probes do not show, so that they are not released
        Prediction(one.id, one.hint, one.module, rank, {})
        for one, rank in listed.items()
        if one.module in ready and one.id not in told
    ]
    rest = [module for module in modules if module not in ready]
    return known + (computed(course, week, rest, options, doing) if rest else [])


def up_to_date(
    course: Course, week: Week, release: Released, listed: Iterable[Mistake]
) -> set[str]:
    """The modules whose solution and explanations are those that a released week was made of."""
    if not release.exists:
        return set()
    found = {module: release.get(f"{SOURCES}/{module}") for module in week.modules}
    now = contents(course, week, listed)
    return {m for m, arrays in found.items() if arrays and str(arrays["digest"]) == now[m]}


def contents(course: Course, week: Week, listed: Iterable[Mistake]) -> dict[str, str]:
    """A hash of what each module's explanations are made of, but for the engine's own code."""
    week_files = sorted(course.folder(week.number).glob("*.py"))
    files = [*around(course, week), *week_files, *sorted(course.oracles.glob("*.py"))]
    texts: dict[str, list[str]] = {module: [] for module in week.modules}
    for m in listed:
        texts[m.module].append(f"{m.id}\t{m.where}\t{m.replace}\t{m.with_}\t{m.hint}")
    checks = course.checks(week.number)
    return {m: digest(texts[m], [*files, checks / f"probes_{m}.py"]) for m in week.modules}


def computed(
    course: Course, week: Week, modules: Collection[str], options: Options, doing: str = ""
) -> list[Prediction]:
    """What the explanations of these modules give, run where it isn't cached."""
    known = declared(course, week, modules, options, doing)
    for module in (m for m in modules if probes_of(course, week, m)):
        altered = arguments.told(course, week, module, options)
        known += [
            Prediction(slug(hint), hint, module, Rank.ARGUMENT, seen)
            for hint, seen in altered.items()
        ]
        known += slipped(module, slips.told(course, week, module, options, doing))
    return known


def declared(
    course: Course, week: Week, modules: Collection[str], options: Options, doing: str = ""
) -> list[Prediction]:
    """What the mistakes and deviations of these modules give, run where it isn't cached."""
    ranks = {m: rank for m, rank in explanations(course, week).items() if m.module in modules}
    found = run(course, week, [*ranks], options, doing)
    return [Prediction(m.id, m.hint, m.module, rank, found[m.id]) for m, rank in ranks.items()]


def slipped(module: str, told: slips.Told) -> list[Prediction]:
    """Slips as explanations; of those with the same sentence each has a name of its own."""
    names: Counter[str] = Counter()
    known = []
    for numbered, seen in told.items():
        hint = numbered.partition(": ")[2]
        name = slug(hint.removeprefix("It is as if in "))
        names[name] += 1
        id = f"{name}-{names[name]}" if names[name] > 1 else name
        known.append(Prediction(id, hint, module, Rank.SLIP, seen))
    return known


def slug(hint: str) -> str:
    """A name for the class page's count, made of the first words of a sentence."""
    return "-".join(re.findall(r"\w+", hint.lower())[:8])


def explanations(course: Course, week: Week) -> dict[Mistake, Rank]:
    """The mistakes of the catalogue and the deviations, of modules that have probes."""
    known = dict.fromkeys(catalogue.load(course, week), Rank.MISTAKE)
    known |= dict.fromkeys(catalogue.deviations(course, week), Rank.DEVIATION)
    modules = {one.module for one in known}
    probed = {module for module in modules if probes_of(course, week, module)}
    return {one: rank for one, rank in known.items() if one.module in probed}


def run(
    course: Course, week: Week, chosen: Collection[Mistake], options: Options, doing: str
) -> dict[str, Evidence]:
    keys, cache = Keys(course, week, options), cache_of(course.root)
    cached = {mistake.id: cache.get(keys.of_probes(mistake)) for mistake in chosen}
    missing = [mistake for mistake in chosen if cached[mistake.id] is None]
    work = partial(run_some, course.root, week.number, options)
    made = spread(work, missing, doing and f"week {week.number}: {doing}")
    found = {id: unpack(arrays) for id, arrays in cached.items() if arrays is not None}
    return {id: evidence.get(id, {}) for id, evidence in found.items()} | made


def run_some(
    root: Path, number: int, options: Options, mistakes: Sequence[Mistake]
) -> dict[str, Evidence]:
    """Run mistakes on the probes of their modules, and put what they give into the cache."""
    course = load_course(root)
    week = course.week(number)
    options = replace(options, sandboxed=False, limits=LIMITS)
    keys, found = Keys(course, week, options), {}
    with replacing(course, week, options) as (session, put):
        observing = Observing(course, week, session)
        for mistake in mistakes:
            put({mistake.module: variant(course, week, mistake)})
            about = probes_about(course, week, mistake.module, mistake.function)
            seen = evidence(observing.observe(about))
            cache_of(root).put(keys.of_probes(mistake), pack({mistake.id: seen}))
            found[mistake.id] = seen
    return found


def released(release: Released) -> list[Prediction]:
    """What a released week knows; nothing, where it has no explanations."""
    path = release.path.with_name(EXPLANATIONS)
    if not (path.is_file() and release.exists):
        return []
    entries = msgspec.json.decode(path.read_bytes(), type=list[ReleasedExplanation])
    found = unpack(release.get(EXPLAINS) or pack({}))
    return [Prediction(m.id, m.hint, m.module, m.rank, found.get(m.id, {})) for m in entries]
