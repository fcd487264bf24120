"""Running a module's near-stubs: which checks each of them passes."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from autograder.author.listening import Listening
from autograder.author.near_stubs import NearStub, Solution
from autograder.checking.run import run_checks
from autograder.checking.tools import Run
from autograder.mistakes.changing import changing
from autograder.mistakes.effects import PASSING
from autograder.mistakes.keys import Keys
from autograder.mistakes.spreading import spread
from autograder.options import Options
from autograder.oracle.cache import Arrays, cache_of
from autograder.results import Verdict
from autograder.sandbox.launch import Limits
from autograder.submission.finding import find
from autograder.submission.intake import stage
from autograder.submission.opening import launcher
from course.config import Course, Week, load_course

FORESEEN = "foreseen"
# A loop that never ends is the near-stub's own: ten seconds are enough for all else when idle.
LIMITS = Limits(check_seconds=30.0, total_seconds=3600.0)
OPTIONS = Options(sandboxed=False, accuracy=False, limits=LIMITS)


@dataclass(frozen=True)
class Passed:
    """The checks of a module that its near-stubs pass, by their ids."""

    by: dict[NearStub, set[str]]
    foreseen: set[str]  # those that a table of the rehearsal's answers passes


def passed(course: Course, week: Week, modules: Collection[str]) -> dict[str, Passed]:
    """What near-stubs pass, by module. Modules that aren't cached are run, on all cores.

    Raises:
        CourseError: the markers of a solution are wrong.
        GradingError: the checks can't be run.
    """
    keys, cache = Keys(course, week, OPTIONS), cache_of(course.root)
    found = {module: cache.get(keys.of_near_stubs(module)) for module in modules}
    missing = [module for module in modules if found[module] is None]
    work = partial(run_modules, course.root, week.number)
    found |= spread(work, missing, f"week {week.number}: near-stubs of modules")
    return {m: unpack(solution(course, week, m), a) for m, a in found.items() if a is not None}


def solution(course: Course, week: Week, module: str) -> Solution:
    """Raises CourseError: its markers are wrong."""
    file = course.folder(week.number) / f"{module}.py"
    return Solution(file.read_text(encoding="utf-8"), course.relative(file))


def unpack(solution: Solution, arrays: Arrays) -> Passed:
    by = {stub: set(map(str, arrays[name_of(stub)])) for stub in solution.near_stubs()}
    return Passed(by, set(map(str, arrays[FORESEEN])))


def name_of(stub: NearStub) -> str:
    return f"{stub.kept} {stub.fill}"


def run_modules(root: Path, number: int, modules: Sequence[str]) -> dict[str, Arrays]:
    return {module: run_module(root, number, module) for module in modules}


def run_module(root: Path, number: int, module: str) -> Arrays:
    """Run all near-stubs of a module, and put the checks that they pass into the cache."""
    course = load_course(root)
    week = course.week(number)
    options = replace(OPTIONS, modules=(module,))
    arrays = {FORESEEN: np.array(foreseen(course, week, options), dtype=str)}
    verdicts: set[Verdict] = set()
    for name, run in near_stubs(course, week, module, options):
        results = run.results.values()
        arrays[name] = np.array([r.id for r in results if r.verdict is Verdict.PASSED], dtype=str)
        verdicts |= {result.verdict for result in results}
    if not verdicts & PASSING:
        cache_of(root).put(Keys(course, week, OPTIONS).of_near_stubs(module), arrays)
    return arrays


def near_stubs(
    course: Course, week: Week, module: str, options: Options
) -> Iterator[tuple[str, Run]]:
    """Run the module's checks on one near-stub after another; all other modules are right."""
    source = solution(course, week, module)
    with changing(course, week, options) as run:
        for stub in source.near_stubs():
            yield name_of(stub), run({module: source.with_stub(stub)}, options)


def foreseen(course: Course, week: Week, options: Options) -> list[str]:
    """The checks that a table of the rehearsal's answers passes.

    They ask word for word what was asked in the rehearsal, or take the same answers as there.
    """
    with tempfile.TemporaryDirectory() as folder:
        reference = find(course.folder(week.number), week)
        root = stage(course, week, reference, Path(folder) / "course").root
        session = Listening(launcher(course, root, options, ()), options.limits)
        try:
            rehearsal = run_checks(course, week, session, replace(options, public_only=True))
            before = dict(zip(rehearsal.results, session.take(), strict=True))
            grading = run_checks(course, week, session, options)
            heard = dict(zip(grading.results, session.take(), strict=True))
        finally:
            session.close()
    asked = {one.asked for one in before.values()}
    answered = {check: one.answered for check, one in before.items()}
    return [c for c, h in heard.items() if h.asked in asked or answered.get(c) == h.answered]
