"""How many of the wild cases a student's report explains: `make explain-score`.

For each view, before the deadline (public checks alone) and after it (a redacted report of all), it
says for how many cases an explanation is given and how many of these name the mistake, and for how
many there is at least a smallest case that goes wrong. Then the same of pairs of mistakes.
Its exit code is 1 if no check notices one of them after the deadline.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from wild import Case, cases, pairs

from autograder.grading import grade
from autograder.options import Options
from autograder.progress import progress
from autograder.report.redaction import for_student
from autograder.results import FAILURES, CheckResult, Verdict
from course.config import Course, load_course

ROOT = Path(__file__).parents[2]
OPTIONS = Options(sandboxed=False, accuracy=False)
VIEWS = {
    "before the deadline": replace(OPTIONS, public_only=True),
    "after the deadline": OPTIONS,
}
FEW = 12  # numbers that are seen at a glance
ARRAY = re.compile(r"np\.array\((.*?)\)(?=[,})\n]|$)")
NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Told:
    """What a report tells of a submission with one mistake, or two."""

    mistakes: tuple[Case, ...]
    failed: bool
    hints: tuple[str, ...]
    examples: int  # failed checks with a smallest case
    arrays: int  # failed checks in which an array is wrong
    small: int  # smallest cases of at most FEW numbers

    @property
    def named(self) -> set[str]:
        """The mistakes that a hint names, by their ids."""
        return {m.id for m in self.mistakes for hint in self.hints if m.explained_by(hint)}

    @property
    def wrong(self) -> list[str]:
        """The hints that name none of the mistakes."""
        return [h for h in self.hints if not any(m.explained_by(h) for m in self.mistakes)]


def tell(course: Course, case: Case, mistakes: tuple[Case, ...], options: Options) -> Told:
    """Grade a case, and read what its student would."""
    week = course.week(case.week)
    with tempfile.TemporaryDirectory(prefix="wild-") as folder:
        for file in course.folder(case.week).glob("*.py"):
            (Path(folder) / file.name).write_text(file.read_text(encoding="utf-8"))
        (Path(folder) / f"{case.module}.py").write_text(case.text)
        chosen = replace(options, modules=(case.module,))
        record = for_student(grade(course, week, Path(folder), chosen))
    failed = [check for check in record.checks if check.verdict in FAILURES]
    hints = tuple(dict.fromkeys(hint for check in failed for hint in hints_of(check)))
    wrong = [check for check in failed if check.verdict is Verdict.FAILED]
    shown = [check.example.program for check in wrong if check.example]
    small = sum(numbers(program) <= FEW for program in shown)
    return Told(mistakes, bool(failed), hints, len(shown), len(wrong), small)


def hints_of(check: CheckResult) -> list[str]:
    """All that a report says of why a check failed."""
    return [*filter(None, [check.hint]), *check.also.values()]


def numbers(program: str) -> int:
    """How many numbers stand in the arrays of a program."""
    return sum(len(NUMBER.findall(array)) for array in ARRAY.findall(program))


def summary(told: list[Told]) -> Iterator[str]:
    """What is told of some submissions, in numbers."""
    seen = [one for one in told if one.failed]
    hints, wrong = sum(len(one.hints) for one in seen), sum(len(one.wrong) for one in seen)
    named = sum(bool(one.named) for one in seen)
    helped = sum(bool(one.named or one.examples) for one in seen)
    cases = sum(one.examples for one in seen)
    yield f"  failed by a check              {len(seen)} of {len(told)}"
    yield f"  with a hint that is right      {share(named, len(seen))}"
    yield f"  hints that are right           {share(hints - wrong, hints)}"
    yield f"  with a right hint, or a case   {share(helped, len(seen))}"
    yield f"  failed checks with a case      {share(cases, sum(one.arrays for one in seen))}"
    yield f"  cases of {FEW} numbers at most   {share(sum(one.small for one in seen), cases)}"


def share(part: int, whole: int) -> str:
    return f"{part} of {whole}, {100 * part / whole:.0f} %" if whole else "none"


def main(weeks: list[str]) -> int:
    course = load_course(ROOT)
    chosen = [case for case in cases() if not weeks or str(case.week) in weeks]
    unnoticed = 0
    groups = {"alone": [(case, (case,)) for case in chosen], "in pairs": list(pairs(chosen))}
    for view, options in VIEWS.items():
        for name, some in groups.items():
            with progress(f"{view}, {name}", len(some)) as advance:
                told = []
                for case, mistakes in some:
                    told.append(tell(course, case, mistakes, options))
                    advance()
            print(f"{view}, {len(some)} {name}", *summary(told), sep="\n", flush=True)
            unnoticed += sum(not one.failed for one in told) if options is OPTIONS else 0
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
