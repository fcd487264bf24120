"""Gives failed checks what is known of them: hint, smallest case, and what else is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import product

from msgspec.structs import replace

from autograder.mistakes.explaining import Suspects
from autograder.probes.findings import Findings
from autograder.probes.observing import EXCEPTION
from autograder.probes.predictions import Prediction
from autograder.probes.relations import Relation
from autograder.results import CheckResult, Comparison, Example

BEGINS = re.compile(r"|, .*| (?!\d).*", re.DOTALL)  # what may stand behind a label: no number


def tell(
    check: CheckResult, suspects: Suspects, findings: Findings, known: list[Prediction]
) -> None:
    """Give a check what is known of what is wrong in it; of all, where it names it otherwise."""
    if check.mistake in findings.witness.refuted:
        check.mistake = check.hint = ""
    known_labels = findings.examples | findings.explained
    named = [label_of(one, known_labels) for one in check.comparisons if not one.passed]
    shared = [label for label in named or (EXCEPTION,) if label in known_labels]
    labels = shared or [*known_labels]
    found = {label: findings.explained.get(label) for label in labels}
    if not check.hint:
        tell_as_well([check], *hints(suspects, findings, known, found, bool(shared)))
    tell_others(check, suspects, findings, shared, known)
    hinted = [label for label, one in found.items() if one and one.id == check.mistake]
    # A case in which an array is wrong shows nothing of why a check ended with an exception.
    shown = hinted or (labels if named or shared else [])
    check.example = next(filter(None, map(findings.examples.get, shown)), None)
    if check.example and is_of_another(check.example, check.mistake, known):
        check.example = None
    if check.example and check.example.scope == check.hint:  # it is said once
        check.example = replace(check.example, scope="")


def hints(
    suspects: Suspects,
    findings: Findings,
    known: list[Prediction],
    found: Mapping[str, Prediction | Relation | None],
    shared: bool,
) -> list[Prediction | Relation]:
    """What to tell of a check that has no hint.

    Args:
        found: the explanations of the labels that probes share with it; if none are `shared`, of
            all that probes know.
    """
    explaining = [one for one in found.values() if one and one.id not in suspects.cleared]
    alone = len(explaining) == len(found) and len({one.id for one in explaining}) == 1
    if shared and explaining:
        return explaining[:1]
    if fitting := believed(suspects, findings, known):
        return [fitting]
    if alone:
        return explaining[:1]
    return [one for one in findings.account if one.id not in suspects.cleared]


def tell_others(
    check: CheckResult,
    suspects: Suspects,
    findings: Findings,
    shared: list[str],
    known: list[Prediction],
) -> None:
    """Of a check that has its hint: what explains other labels in it, which that hint doesn't."""
    covered = {label for one in known if one.id == check.mistake for label in one.labels}
    listed = findings.listed(shared)
    others = {one.id: one.hint for label, one in listed.items() if label not in covered}
    told = {check.mistake, *suspects.cleared, *findings.witness.refuted}
    check.also = {id: hint for id, hint in (check.also | others).items() if id not in told}


def tell_rest(
    failed: list[CheckResult],
    waited: Collection[str],
    findings: Findings,
    suspects: Mapping[str, Suspects],
) -> None:
    """What probes alone have shown: in a check that fails of it under another label, or else in one
    that others wait for, which weren't run.

    What gets wrong also what is told already is no second mistake, but could be the first.
    """
    labels = {label_of(one, findings.examples) for c in failed for one in c.comparisons}
    out = {id for one in suspects.values() for id in one.out}
    told = {*out, *(id for check in failed for id in (check.mistake, *check.also))}
    for label, one in findings.listed(findings.explained.keys() - labels).items():
        if label == EXCEPTION and one.labels != {EXCEPTION}:
            continue  # the exception is a part of what it does, and may have another cause
        if one.id not in told and one.labels.isdisjoint(labels):
            own = [c for c in failed if one.id in suspects.get(c.id, Suspects()).failing]
            if own:
                tell_as_well([c for c in own if not c.hint] or own[:1], one)
            for check in [check for check in failed if check.id in waited and not own][:1]:
                check.also[one.id] = one.hint  # it fails of something else


def tell_as_well(checks: list[CheckResult], *told: Prediction | Relation) -> None:
    """Give these checks hints: the first is the only one, or another."""
    for check, one in product(checks, told):
        if check.hint:
            check.also[one.id] = one.hint
        else:
            check.mistake, check.hint = one.id, one.hint


def tell_second(failed: list[CheckResult], waited: Collection[str], second: Prediction) -> None:
    """Tell it in the checks where it makes something wrong, or where others wait for that."""

    def has_part(check: CheckResult) -> bool:
        wrong = (label_of(one, second.labels) for one in check.comparisons if not one.passed)
        return any(label in second.labels for label in wrong)

    own = [check for check in failed if has_part(check)]
    tell_as_well(own or [check for check in failed if check.id in waited], second)


def label_of(comparison: Comparison, known: Collection[str]) -> str:
    """The label in probes: a check may say more behind it, "output, dropout1", "tokens of a b"."""
    label = comparison.label.replace("_", " ")
    begins = [one for one in known if BEGINS.fullmatch(label.removeprefix(one.replace("_", " ")))]
    return max(begins, key=len, default=label)


def believed(suspects: Suspects, findings: Findings, known: list[Prediction]) -> Prediction | None:
    """The mistake that fits a check and that probes support: of several the one that explains most
    of the check; none if that is no single one."""
    fitting = suspects.fitting
    both = {id: count for id, count in fitting.items() if id in findings.witness.supported}
    most = [one for one in known if one.id in both and both[one.id] == max(both.values())]
    return most[0] if len({one.hint for one in most}) == 1 else None


def is_of_another(example: Example, mistake: str, known: list[Prediction]) -> bool:
    """Whether a mistake is known to get this case right, so that another is what it shows."""
    cases = [one.evidence for one in known if one.id == mistake]
    return bool(cases) and not any(example.label in one.get(example.case, {}) for one in cases)
