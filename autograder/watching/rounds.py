"""Grading after a save: the changed modules first, then the others, what trains a model last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.checking.collected import checks_of
from autograder.checking.run import run_checks
from autograder.checking.verdicts import unfinished_merge
from autograder.grading import owner
from autograder.loading import UNFINISHED_MERGE
from autograder.mistakes.explaining import explain
from autograder.options import InputError, Options, public_only
from autograder.results import FAILURES, CheckResult, Record, finish
from autograder.sandbox.process import WorkerCrashed, WorkerTimeout
from autograder.sandbox.protocol import clean
from autograder.sandbox.session import Session, StudentError
from autograder.submission.intake import Intake
from course.config import Course, Week


@dataclass
class Rounds:
    """The checks of a week on one folder, again and again; what came of each stays for the next."""

    course: Course
    week: Week
    folder: Path
    options: Options
    student: str = ""
    results: dict[str, CheckResult] = field(default_factory=dict)  # by check id

    def modules(self) -> list[str]:
        """Those that have checks, as the files are now."""
        marks = checks_of(self.course, self.week.number).plugin.marks.values()
        return list(dict.fromkeys(mark.module for mark in marks if not mark.of_notebook))

    def first(self, session: Session, intake: Intake, files: Collection[Path]) -> Record:
        """Run what a save of these files changes first: of their modules what needs no training.

        Raises:
            InputError: a file isn't valid Python; nothing was run.
        """
        modules = self.modules()
        saved = [path.stem for path in files if path.parent == self.folder]
        if len(saved) < len(files):  # `given`, an earlier week, the checks: all may depend on it
            saved = modules
        for module in saved:
            self.load(session, module)
        self.run(session, [m for m in saved if m in modules], accuracy=False)
        return self.record(intake)

    def rest(self, session: Session, intake: Intake, files: Collection[Path]) -> Record:
        """Run all that `first` has left, what trains a model last."""
        saved = {path.stem for path in files if path.parent == self.folder}
        self.run(session, [m for m in self.modules() if m not in saved], accuracy=True)
        return self.record(intake)

    def run(self, session: Session, modules: Sequence[str], accuracy: bool) -> None:
        if not modules:
            return
        options = replace(self.options, modules=tuple(modules), accuracy=accuracy)
        run = run_checks(self.course, self.week, session, options)
        if session.given_up:
            return
        checks = list(run.results.values())
        if any(check.verdict in FAILURES for check in checks):
            explain(run, Record(self.week.number, self.week.title, "", checks), options)
        self.results |= run.results

    def load(self, session: Session, module: str) -> None:
        """Raises InputError if the module, or one that it imports, isn't valid Python."""
        try:
            session.import_module(f"week_{self.week.number}.{module}")
        except (WorkerTimeout, WorkerCrashed):
            return  # its checks say so
        except StudentError as error:
            if "SyntaxError" not in error.kinds or not error.frames:
                return
            place = error.frames[-1].partition(" in ")[0]
            if unfinished_merge(error):
                raise InputError(f"{place} {UNFINISHED_MERGE}") from None
            raise InputError(f"{place} isn't Python yet: {error.message}") from None

    def record(self, intake: Intake) -> Record:
        """All that is known now, in the order of the week's checks."""
        known = checks_of(self.course, self.week.number).plugin.marks
        order = [*dict.fromkeys((*self.week.modules, *self.modules()))]
        checks = [check for name, check in self.results.items() if name in known]
        checks.sort(key=lambda check: (check.hidden, order.index(check.module)))
        return finish(
            Record(
                week=self.week.number,
                title=self.week.title,
                student=clean(self.student or owner(self.folder), 100),
                checks=checks,
                course=self.course.name,
                public_only=public_only(self.course, self.options),
                time=datetime.now(UTC).isoformat(timespec="seconds"),
                todos=intake.todos,
                notes=intake.notes,
            )
        )
