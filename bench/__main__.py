"""What the grader and the library cost, as ratios of two figures of this run.

The two take turns (A B A B ...), so that whatever else the machine does hits
both. Figures are processor time, user and system, of all processes that take
part: on a busy machine the clock tells how long one waits for the others. Each
is a median; the ratio is the median of the turns' ratios. NumPy and torch run
on one thread.

grader   (a) a submission in a batch of 20, all checks but the training : a
             Python that imports NumPy and the week's modules, which any
             grader pays
         (b) the same checks in plain pytest beside torch : a submission in
             the batch
         (d) autograder grade 1 --public-only : python -c "import torch"
         A warm cache holds the expected values. bubblewrap is needed.
student  (e) autograder grade 1 in a student's clone, without training, with its
             report : python -c "import numpy"
         (f) from a save to its verdict while `autograder watch` runs, on the
             clock, for each module of weeks 1 to 6 : python -c "import numpy";
             the limit is for the median of the modules
library  (c) forward and backward in float64 : the same in torch
         "in the mean" has no limit of its own, and counts in the geometric
         mean like the others above it. "shown, no limit": larger sizes where
         the reference is far from torch, or whose class has no limit.

Exit codes: 0 all limits hold, 1 a row is marked MISSED, 2 wrong usage,
3 the sandbox is missing.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from bench.measure import ROOT, SAME, Row, adopt_orphans

PARTS = ("grader", "student", "library")
COLUMNS = "{:<36} {:>9} {:>9} {:>5}  {}"


def main(arguments: list[str] | None = None) -> int:
    chosen = parse(arguments)
    prepare()
    say("Processor time, first : second in turns; python -m bench --help says more.")
    missed = 0
    for part in chosen:
        module = importlib.import_module(f"bench.{part}")
        say(COLUMNS.format(part, "first", "second", "ratio", "limit"))
        for row in module.rows():
            say(line(row))
            missed += not row.holds
    say(f"{missed} of the limits MISSED" if missed else "All limits hold.")
    return 1 if missed else 0


def prepare() -> None:
    """Before anything imports NumPy, which reads its number of threads then."""
    os.environ.update(SAME)
    sys.path.insert(0, str(ROOT / "solutions"))
    adopt_orphans()


def parse(arguments: list[str] | None) -> list[str]:
    """The parts to run."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("part", nargs="*", help="grader, student or library; without any, all")
    parts: list[str] = parser.parse_args(arguments).part
    for part in parts:
        if part not in PARTS:
            parser.error(f"there is no part {part!r}: choose from {', '.join(PARTS)}")
    return parts or list(PARTS)


def line(row: Row) -> str:
    """A row in at most 80 columns, marked if it exceeds its limit."""
    limit = row.note
    if row.limit is not None:
        limit = f"{'>=' if row.at_least else '<='} {row.limit:g}" + "  MISSED" * (not row.holds)
    first, second = (cell(value, row.unit) for value in (row.first, row.second))
    return COLUMNS.format(row.what, first, second, f"{row.ratio:.2f}", limit)


def cell(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.{3 if value < 10 else 1}f} {unit}"


def say(text: str) -> None:
    print(text, flush=True)  # at once: a part takes a minute or more


if __name__ == "__main__":
    sys.exit(main())
