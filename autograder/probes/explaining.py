"""Runs the probes of what failed, and gives the failed checks their hints and smallest cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from autograder.checking.choosing import name_of
from autograder.checking.names import is_named_for
from autograder.mistakes.explaining import Suspects
from autograder.options import Options
from autograder.probes.changed import Trials
from autograder.probes.company import beside
from autograder.probes.consequences import Cause, cause_of
from autograder.probes.findings import Findings, examples_of, find, labels_left
from autograder.probes.observing import Observation, Observing
from autograder.probes.predictions import Prediction, Rank, predictions
from autograder.probes.probe import Probe, probes_of
from autograder.probes.properties import property_of_check
from autograder.probes.telling import tell, tell_rest, tell_second
from autograder.probes.terms import terms_of
from autograder.results import FAILURES, CheckResult
from autograder.sandbox.session import Session
from course.config import Course, Week

WAVERS = (
    "for the same small inputs it gave not the same twice, so nothing is said of why it is wrong: "
    "is there something random in it, or something left from the call before?"
)

TWICE = 6  # probes that are run a second time, beside those that are shown


def explain(
    course: Course,
    week: Week,
    session: Session,
    checks: Collection[CheckResult],
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
    failed = [check for check in checks if check.verdict in FAILURES]
    observing = Observing(course, week, session, inquires=True)
    named = dict.fromkeys(check.module for check in failed)
    probed = {module: found for module in named if (found := probes_of(course, week, module))}
    learning = "learning to explain mistakes"
    known = predictions(course, week, probed, options, learning) if probed else []
    notes = []
    causes: set[str] = set()
    for module, probes in probed.items():
        trials = Trials(course, week, options, module)
        of_module = [one for one in known if one.module == module]
        for subject in subjects_of(probes, [c for c in checks if c.module == module], of_module):
            if subject.explain(observing, trials, suspects, causes).wavers:
                notes.append(f"{subject.name}: {WAVERS}")
            causes |= subject.told
    for check in failed:
        if not check.hint and (itself := property_of_check(check)):
            check.mistake, check.hint = itself.id, itself.hint
    return notes


@dataclass(frozen=True)
class Subject:
    """A class or a function of which a check failed.

    Attributes:
        waited: the checks that others of it wait for, and others beside.
        known: the explanations of its module.
    """

    name: str
    probes: list[Probe]
    failed: list[CheckResult]
    waited: frozenset[str]
    known: list[Prediction]

    @property
    def told(self) -> frozenset[str]:
        """The mistakes that its checks have been told, by their ids."""
        return frozenset(id for c in self.failed for id in (c.mistake, *c.also) if id)

    def explain(
        self,
        observing: Observing,
        trials: Trials,
        suspects: Mapping[str, Suspects],
        causes: Collection[str],
    ) -> Findings:
        """Set hint and smallest case of its failed checks; what its probes have shown.

        Args:
            causes: the mistakes that were told of other classes, by their ids.
        """
        seen = observing.observe(self.probes)
        again = observing.observe(self.shown(seen))
        terms = terms_of(trials.course, trials.week, trials.module, seen)
        findings = find(seen, again, examples_of(seen), self.known, terms)
        left = frozenset() if findings.wavers else labels_left(seen, findings)
        cause = None if findings.wavers else cause_of(trials, seen, causes)
        if cause and cause.mistake.id not in {one.id for one in findings.explained.values()}:
            if cause.labels == {label for one in seen for label in one.wrong}:
                self.follows(cause)
                return findings
            findings, left = findings.due_to(cause, seen, self.known), left - cause.labels
        self.tell(findings, suspects)
        if others := self.others(left, suspects):
            alone = {one.id: one.evidence for one in self.known}
            for one in beside(trials, seen, self.told, others, alone):
                tell_second(self.failed, self.waited, one)
        return findings

    def shown(self, seen: list[Observation]) -> list[Probe]:
        """The probes that are run again: the first, and those of the smallest cases."""
        cases = {one.case for one in examples_of(seen).values()}
        return [p for place, p in enumerate(self.probes) if place < TWICE or p.title in cases]

    def tell(self, findings: Findings, suspects: Mapping[str, Suspects]) -> None:
        for check in self.failed:
            tell(check, suspects.get(check.id, Suspects()), findings, self.known)
        tell_rest(self.failed, self.waited, findings, suspects)

    def follows(self, cause: Cause) -> None:
        """All that is wrong comes from a mistake in another class."""
        for check in self.failed:
            if check.mistake != cause.mistake.id:
                check.mistake, check.hint = cause.mistake.id, cause.hint
            check.also = {}

    def others(self, left: frozenset[str], suspects: Mapping[str, Suspects]) -> list[Prediction]:
        """The mistakes that may be a second one, if these labels are left without explanation."""
        out = {id for one in suspects.values() for id in one.out}
        mistakes = [one for one in self.known if one.rank is Rank.MISTAKE]
        return [one for one in mistakes if one.labels & left and one.id not in out]


def subjects_of(
    probes: list[Probe], checks: list[CheckResult], known: list[Prediction]
) -> list[Subject]:
    """What has probes and failed a check, of one module."""
    names = {probe.subject for probe in probes}
    about: dict[str, list[CheckResult]] = {}
    for check in checks:
        if (name := subject_of(check, names)) is not None:
            about.setdefault(name, []).append(check)
    return [
        Subject(
            name,
            [probe for probe in probes if probe.subject == name],
            failed,
            frozenset(check.waits_for for check in concerned),
            known,
        )
        for name, concerned in about.items()
        if (failed := [check for check in concerned if check.verdict in FAILURES])
    ]


def subject_of(check: CheckResult, subjects: Collection[str]) -> str | None:
    """The class or function that a check is about: the one with the longest name that fits."""
    fitting = [one for one in subjects if is_named_for(name_of(check), one)]
    return max(fitting, key=len, default=None)
