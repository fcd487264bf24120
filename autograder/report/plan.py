"""Which checks of a module a report shows one by one, and which it sums up in a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.report import text
from autograder.report.summary import WAITING, ModuleChecks
from autograder.results import CheckResult, Record, Verdict


@dataclass(frozen=True)
class Group:
    """Checks that ended alike and need no more than a line."""

    verdict: Verdict
    words: str
    checks: list[CheckResult]


@dataclass(frozen=True)
class Detail:
    """A check that is shown in full, and the hidden ones that only repeat its mistake."""

    check: CheckResult
    hint: str
    repeats: list[CheckResult] = field(default_factory=list)


def plan(module: ModuleChecks, record: Record) -> list[Group | Detail]:
    """The module's checks: those that passed, those to look at, those that wait for others."""
    passed = module.having(Verdict.PASSED)
    fresh = module.having(Verdict.NOT_ATTEMPTED)
    items: list[Group | Detail] = [Group(Verdict.PASSED, in_numbers(passed), passed)]
    items += details(module.checks)
    items += waiting(module.having(Verdict.SKIPPED), record)
    items.append(Group(Verdict.NOT_ATTEMPTED, in_numbers(fresh), fresh))
    return [item for item in items if isinstance(item, Detail) or item.checks]


def details(checks: Sequence[CheckResult]) -> list[Detail]:
    """The checks that went wrong. A hint is told once; a later one refers to the first."""
    found: list[Detail] = []
    by_mistake: dict[str, Detail] = {}
    for check in checks:
        if check.verdict is Verdict.PASSED or check.verdict in WAITING:
            continue
        first = by_mistake.get(check.mistake) if check.mistake else None
        if first is None:
            found.append(Detail(check, check.hint))
            by_mistake[check.mistake] = found[-1]
        elif says_nothing_else(check):
            first.repeats.append(check)
        else:
            found.append(Detail(check, f"as for “{text.one_line(first.check.title)}”."))
    return found


def says_nothing_else(check: CheckResult) -> bool:
    """Whether a check is hidden and redacted: beside its hint it has nothing to tell."""
    more = check.comparisons or check.pictures or check.traceback or check.output
    return check.hidden and not more


def waiting(checks: Sequence[CheckResult], record: Record) -> list[Group]:
    """A group for every check that others wait for, and for every earlier week."""
    titles = {check.id: text.one_line(check.title) for check in record.checks}
    groups: dict[str, list[CheckResult]] = {}
    for check in checks:
        groups.setdefault(check.waits_for or check.message, []).append(check)
    found = []
    for needed, group in groups.items():
        words = "waits" if len(group) == 1 else "wait"
        other = text.one_line(needed) if not group[0].waits_for else ""
        target = f"“{titles[needed]}”" if needed in titles else other or "another check"
        sentence = f"{text.count(len(group), 'check')} {words} for {target}"
        found.append(Group(Verdict.SKIPPED, sentence + hidden_ones(group), group))
    return found


def in_numbers(checks: Sequence[CheckResult]) -> str:
    """26 checks, 18 hidden."""
    return text.count(len(checks), "check") + hidden_ones(checks)


def hidden_ones(checks: Sequence[CheckResult]) -> str:
    hidden = sum(check.hidden for check in checks)
    return f", {hidden} hidden" if hidden else ""


def same_mistake(detail: Detail) -> str:
    """What is said of a detail's repeats."""
    return f"and {text.count(len(detail.repeats), 'hidden check')}: the same mistake"
