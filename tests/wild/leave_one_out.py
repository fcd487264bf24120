"""How many mistakes of the catalogues are explained without their own entry: `make leave-one-out`.

Each mistake is handed in as a submission, and graded by a grader that has never heard of it. What
a report then says of it is counted, and printed with `--read 60`: so many, drawn by chance, beside
the entry's own hint, for somebody to judge by hand.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

from autograder.grading import grade
from autograder.mistakes import explaining as by_checks
from autograder.mistakes.fingerprints import of_modules
from autograder.mistakes.spreading import spread
from autograder.mistakes.variants import variant
from autograder.options import Options
from autograder.probes import explaining as by_probes
from autograder.probes.predictions import predictions
from course import catalogue
from course.catalogue import Mistake
from course.config import Course, Week, load_course

ROOT = Path(__file__).parents[2]
OPTIONS = Options(sandboxed=False, accuracy=False)


@contextmanager
def without(mistake: Mistake) -> Iterator[None]:
    """A grader that has never heard of this mistake."""

    def others(known, *args, **options):
        return [one for one in known(*args, **options) if one.id != mistake.id]

    with (
        patch.object(by_checks, "of_modules", partial(others, of_modules)),
        patch.object(by_probes, "predictions", partial(others, predictions)),
    ):
        yield


def told(course: Course, week: Week, mistake: Mistake) -> list[str]:
    """The hints that a report has for it."""
    with tempfile.TemporaryDirectory(prefix="left-out-") as folder:
        for file in course.folder(week.number).glob("*.py"):
            (Path(folder) / file.name).write_text(file.read_text(encoding="utf-8"))
        (Path(folder) / f"{mistake.module}.py").write_text(variant(course, week, mistake))
        options = Options(sandboxed=False, accuracy=False, modules=(mistake.module,))
        with without(mistake):
            record = grade(course, week, Path(folder), options)
    return sorted({check.hint for check in record.checks if check.hint})


def warm(course: Course, week: Week) -> None:
    """Learn first what a grader has to know, on all cores."""
    of_modules(course, week, week.modules, OPTIONS)
    predictions(course, week, week.modules, OPTIONS, "learning to explain mistakes")


def some(number: int, mistakes: list[Mistake]) -> dict[str, list[str]]:
    course = load_course(ROOT)
    return {one.id: told(course, course.week(number), one) for one in mistakes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weeks", nargs="*", type=int, help="default: all")
    parser.add_argument("--read", type=int, default=0, metavar="N", help="print so many to judge")
    asked = parser.parse_args()
    course = load_course(ROOT)
    found: list[tuple[Mistake, list[str]]] = []
    for number in asked.weeks or sorted(course.weeks):
        week = course.week(number)
        mistakes = list(catalogue.load(course, week))
        warm(course, week)
        hints = spread(partial(some, number), mistakes, f"week {number}: each without its entry")
        found += [(mistake, hints[mistake.id]) for mistake in mistakes]
        explained = sum(map(bool, hints.values()))
        print(f"week {number}: {explained} of {len(mistakes)} explained otherwise", flush=True)
    explained = [(mistake, hints) for mistake, hints in found if hints]
    share = 100 * len(explained) / len(found)
    print(f"all: {len(explained)} of {len(found)}, {share:.0f} %")
    for mistake, hints in random.sample(explained, min(asked.read, len(explained))):
        print(f"\n{mistake.where}: {mistake.id}\n  listed: {mistake.hint}")
        print(*(f"  told:   {hint}" for hint in hints), sep="\n")


if __name__ == "__main__":
    main()
