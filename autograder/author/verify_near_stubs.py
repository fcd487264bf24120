"""A check must be passed by doing something: near-stubs pass none but those of what they keep."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from autograder.author.findings import Finding
from autograder.author.near_stub_runs import Passed, passed, solution
from autograder.author.near_stubs import STUB, NearStub, Solution
from autograder.checking.marks import lines_of
from autograder.checking.names import is_named_for
from autograder.results import Record
from course import near_stubs as exceptions
from course.config import Course, Week
from course.errors import CourseError
from course.near_stubs import Allowed

WHAT = "no check is passed by a near-stub, or by a table of the rehearsal's answers"
COMPARE = (
    "compare a value in the same check: a refusal, a dtype, unchanged inputs count only together "
    "with a correct call"
)
DRAW = "draw from rng what it hands over, so that the answers differ"


def verify_near_stubs(
    course: Course, week: Week, modules: Collection[str], record: Record, whole: bool
) -> Finding:
    """The checks that are passed by doing nothing, and exceptions that are none.

    Args:
        record: of the solution, with all checks of these modules.
        whole: these are all modules of the week, so an exception for another check is wrong.
    """
    try:
        allowed = exceptions.load(course, week)
        checked = [m for m in modules if checks_of(course, week, m).is_file()]
        found = passed(course, week, checked)
        problems = [p for m in checked for p in of_module(course, week, m, found[m], allowed)]
    except CourseError as error:
        return Finding(WHAT, error.problems)
    if whole:
        problems += allowed.unknown({name_of(check.id) for check in record.checks})
    return Finding(WHAT, tuple(problems))


def checks_of(course: Course, week: Week, module: str) -> Path:
    return course.checks(week.number) / f"test_{module}.py"


def of_module(
    course: Course, week: Week, module: str, found: Passed, allowed: Allowed
) -> Iterator[str]:
    """A line for each check of a module that a near-stub passes, and for each idle exception."""
    file = checks_of(course, week, module)
    lines = lines_of(file.read_text(encoding="utf-8"))
    source = solution(course, week, module)
    reasons = against(source, found)
    for check, reason in reasons.items():
        if name_of(check) not in allowed.reasons:
            line = lines.get(name_of(check).partition("[")[0], 1)
            yield f"{course.relative(file)}:{line}: {name_of(check)}: {reason}"
    for name in allowed.reasons:
        if name in lines and name not in map(name_of, reasons):
            yield f"{allowed.place(name)}: no near-stub passes {name}: take the line out"


def against(source: Solution, found: Passed) -> dict[str, str]:
    """What speaks against each check that is passed by doing nothing, by its id."""
    by: dict[str, list[NearStub]] = {}
    for stub, checks in found.by.items():
        right = found.by[stub.baseline] if stub != NearStub(0, STUB) else set()
        for check in sorted(checks - right):
            by.setdefault(check, []).append(stub)
    reasons = {
        check: f"{described(source, check, stubs)}: {COMPARE}" for check, stubs in by.items()
    }
    for check in sorted(found.foreseen - reasons.keys()):
        reasons[check] = (
            f"a table of the rehearsal's answers passes it, they are the same each time: {DRAW}"
        )
    return reasons


def described(source: Solution, check: str, stubs: list[NearStub]) -> str:
    """The first near-stub that passes a check, in words, and how many others do."""
    stub, right = stubs[0], source.right(stubs[0])
    of_class = [n for owner, n in source.classes.items() if is_named_for(name_of(check), owner)]
    names = [name for owned in of_class or source.classes.values() for name in owned]
    wrong = [name for name in names if name not in right] or sorted(source.arguments)
    kept = [name for name in names if name in right]
    fill = stub.fill if len(wrong) == 1 else stub.fill.replace("s ", " ", 1)  # returns, raises
    rest = f", {listed(kept)} right" if kept else ""
    others = f", and so do {len(stubs) - 1} more" if len(stubs) > 1 else ""
    return f"a near-stub passes it ({listed(wrong)} {fill}{rest}){others}"


def listed(names: list[str]) -> str:
    """The last parts of dotted names: "forward and backward"."""
    *first, last = dict.fromkeys(name.rpartition(".")[2] for name in names)
    return f"{', '.join(first)} and {last}" if first else last


def name_of(check: str) -> str:
    return check.partition("::")[2]
