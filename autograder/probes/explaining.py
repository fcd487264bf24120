"""Runs the probes of what failed, and gives the failed checks their hints and smallest cases."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from autograder.checking.choosing import name_of
from autograder.checking.names import is_named_for
from autograder.mistakes.explaining import Suspects, alike
from autograder.options import Options
from autograder.probes.examples import example
from autograder.probes.matching import Witness, explained, witness
from autograder.probes.modes import in_each_mode
from autograder.probes.observing import EXCEPTION, Observation, Observing, excused
from autograder.probes.pairs import paired
from autograder.probes.predictions import Prediction, Rank, predictions, slug
from autograder.probes.probe import probes_of
from autograder.probes.properties import property_of, property_of_check
from autograder.probes.relations import Relation, related
from autograder.probes.scopes import SURE, entries, scope
from autograder.probes.terms import Terms, terms_of
from autograder.probes.texts import retold
from autograder.results import FAILURES, CheckResult, Comparison, Example
from autograder.sandbox.session import Session
from course.config import Course, Week

WAVERS = (
    "for the same small inputs it gave not the same twice, so nothing is said of why it is wrong: "
    "is there something random in it, or something left from the call before?"
)

BEGINS = re.compile(r"|, .*| (?!\d).*", re.DOTALL)  # what may stand behind a label: no number
TWICE = 6  # probes that are run a second time, beside those that are shown
NOTHING = Witness(frozenset(), frozenset())


@dataclass(frozen=True)
class Findings:
    """What is known of a class or function, by the label of what is wrong."""

    explained: dict[str, Prediction | Relation]
    examples: dict[str, Example]
    witness: Witness = NOTHING
    wavers: bool = False  # not the same twice


def explain(
    course: Course,
    week: Week,
    session: Session,
    checks: Iterable[CheckResult],
    options: Options,
    suspects: Mapping[str, Suspects],
) -> list[str]:
    """Set hint and smallest case of each failed check, where there are any.

    Args:
        suspects: what each check says of mistakes. One that fits it is believed if probes support
            it, and none is told that passes it.
        session: in which no hidden input has ever been, so that nothing of one can come out.
    Returns:
        Notes on what can't be explained.
    """
    notes = []
    failed = [check for check in checks if check.verdict in FAILURES]
    observing = Observing(course, week, session, inquires=True)
    named = dict.fromkeys(check.module for check in failed)
    probed = {module: found for module in named if (found := probes_of(course, week, module))}
    learning = "learning to explain mistakes"
    all_known = predictions(course, week, probed, options, learning) if probed else []
    for module, probes in probed.items():
        subjects = {probe.subject for probe in probes}
        about = {c.id: subject_of(c, subjects) for c in failed if c.module == module}
        known = [one for one in all_known if one.module == module]
        for subject in filter(None, dict.fromkeys(about.values())):
            chosen = [probe for probe in probes if probe.subject == subject]
            seen = observing.observe(chosen)
            examples = examples_of(seen)
            shown = {one.case for one in examples.values()}
            again = observing.observe(
                [*chosen[:TWICE], *(p for p in chosen[TWICE:] if p.title in shown)]
            )
            findings = find(seen, again, examples, known, terms_of(course, week, module, seen))
            if findings.wavers:
                notes.append(f"{subject}: {WAVERS}")
            for check in failed:
                if about.get(check.id) == subject:
                    tell(check, suspects.get(check.id, Suspects()), findings, known)
    for check in failed:
        if not check.hint and (itself := property_of_check(check)):
            check.mistake, check.hint = itself.id, itself.hint
    return notes


def subject_of(check: CheckResult, subjects: Iterable[str]) -> str | None:
    """The class or function that a check is about: the one with the longest name that fits."""
    fitting = [one for one in subjects if is_named_for(name_of(check), one)]
    return max(fitting, key=len, default=None)


def examples_of(seen: list[Observation]) -> dict[str, Example]:
    """The smallest case in which this and that is wrong, by label."""
    labels = dict.fromkeys(label for one in seen for label in one.wrong)
    found = {label: example(seen, label) for label in labels}
    return {label: one for label, one in found.items() if one is not None}


def find(
    seen: list[Observation],
    again: list[Observation],
    examples: dict[str, Example],
    known: list[Prediction],
    terms: Terms,
) -> Findings:
    """What is wrong, seen twice.

    Args:
        again: of some of the probes: the first, and those of the examples.
    """
    if not (seen and again):  # it ended: that is not to waver
        return Findings({}, {})
    repeated = {one.probe.title for one in again}
    if not same([one for one in seen if one.probe.title in repeated], again):
        return Findings({}, {}, wavers=True)
    slips = [one for one in known if one.rank is Rank.SLIP]
    listed = [one for one in known if one.rank is not Rank.SLIP]
    found: dict[str, Prediction | Relation] = {**explained(seen, listed)}
    labels = dict.fromkeys(label for one in seen for label in one.wrong)
    seems, slipped = witness(seen, listed), explained(seen, slips)
    for label in labels.keys() - found.keys() - excused(seen):
        single = property_of(seen, label) or related(seen, label, terms) or slipped.get(label)
        single = single or in_each_mode(seen, label) or retold(seen, label)
        if single:
            found[label] = single
        elif pair := paired(seen, label, listed):
            seems = seems.hears(one.id for one in pair)
        elif words := entries(seen, label) or scope(seen, label, SURE):
            found[label] = Relation(slug(words), words)
    return Findings(found, examples, seems)


def same(seen: list[Observation], again: list[Observation]) -> bool:
    """Whether a submission gave twice what it gave once."""
    return len(seen) == len(again) and all(
        one.wrong.keys() == other.wrong.keys()
        and all(alike(array, other.wrong[label]) for label, array in one.wrong.items())
        for one, other in zip(seen, again, strict=True)
    )


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
    explaining = [one for one in found.values() if one and one.id not in suspects.cleared]
    alone = len(explaining) == len(found) and len({one.id for one in explaining}) == 1
    if not check.hint:
        first = next(iter(explaining), None)
        best = (first if shared else None) or believed(suspects, findings, known)
        best = best or (first if alone else None)
        check.mistake, check.hint = (best.id, best.hint) if best else ("", "")
    hinted = [label for label, one in found.items() if one and one.id == check.mistake]
    # A case in which an array is wrong shows nothing of why a check ended with an exception.
    shown = hinted or (labels if named or shared else [])
    check.example = next(filter(None, map(findings.examples.get, shown)), None)
    if check.example and is_of_another(check.example, check.mistake, known):
        check.example = None
    if check.example and check.example.scope == check.hint:  # it is said once
        check.example = replace(check.example, scope="")


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
