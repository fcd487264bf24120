"""Which checks of a module a report shows one by one, and which it sums up in a line."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from autograder.report import text
from autograder.report.summary import WAITING, ModuleChecks
from autograder.results import CheckResult, Example, Record, Verdict

ABOVE = "The smallest case that goes wrong stands above:"


class Group(msgspec.Struct, frozen=True):
    """Checks that ended alike and need no more than a line."""

    verdict: Verdict
    words: str
    checks: list[CheckResult]


class Detail(msgspec.Struct):
    """A check that is shown in full, and those that fail for the same cause."""

    check: CheckResult
    hint: str
    also: dict[str, str] = {}  # what else is wrong, by its id
    example: Example | None = None
    above: str = ""  # the case of an example that was shown before
    repeats: list[CheckResult] = []


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
    """The checks that went wrong. What has the same cause is told once, with the first of them."""
    found: dict[str, Detail] = {}
    shown: list[Example] = []
    for check in checks:
        if check.verdict is Verdict.PASSED or check.verdict in WAITING:
            continue
        cause = cause_of(check)
        if cause in found:
            found[cause].repeats.append(check)
        else:
            found[cause] = Detail(check, check.hint)
            if check.example in shown:
                found[cause].above = check.example.case
            elif check.example:
                found[cause].example = check.example
                shown.append(check.example)
        found[cause].also |= check.also
    told = set(found)
    for detail in found.values():  # each is said once, where it comes first
        detail.also = {id: hint for id, hint in detail.also.items() if id not in told}
        told |= detail.also.keys()
    return list(found.values())


def cause_of(check: CheckResult) -> str:
    """The same text for checks that fail at the same: a known mistake, or an error in a line."""
    if check.mistake:
        return check.mistake
    if check.traceback and not check.comparisons:
        return f"{check.message} {check.traceback[-1]}"
    return check.id


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


def same_cause(detail: Detail) -> str:
    """What is said of a detail's repeats."""
    what = "mistake" if detail.check.mistake else "error"
    return f"and {in_numbers(detail.repeats)}: the same {what}"


def in_words(example: Example) -> str:
    """What goes wrong in the smallest case."""
    expected = f", expected {example.expected}" if example.expected else ""
    return f"{example.case}: {example.label}: got {example.got}{expected}"
