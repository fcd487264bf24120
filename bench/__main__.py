"""`python -m bench`: one table, a row for each ratio; exit code 1 if a limit is missed."""

from __future__ import annotations

import argparse
import math
import os
import sys

from bench.measure import ROOT, SAME, Row, adopt_orphans

EXPLANATION = """\
Each row is a ratio of two figures that were measured in this run, one after the other and
several times, so that what else the machine does hits both. Both sides have the same number of
threads: one. (a) and (b) are processor seconds, user and system, of this process and of all that
it started; (c) and (d) are seconds on the clock. A warm cache holds the expected values.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=EXPLANATION)
    parser.parse_args()
    os.environ.update(SAME)
    sys.path.insert(0, str(ROOT / "solutions"))
    adopt_orphans()
    from bench import grader, library  # they import NumPy: the number of threads is set before

    rows = grader.rows() + library.rows()
    sys.stdout.write(EXPLANATION + "\n" + table(rows))
    return 0 if all(row.holds for row in rows) else 1


def table(rows: list[Row]) -> str:
    """The rows, in columns."""
    lines = [("", "ours", "theirs", "ratio", "limit", "")]
    lines += [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(6)]
    return "".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip() + "\n"
        for line in lines
    )


def cells(row: Row) -> tuple[str, ...]:
    limit = f"{'>=' if row.at_least else '<='} {row.limit:g}" if row.limit < math.inf else ""
    figures = (f"{value:.3f} {row.unit}" for value in (row.ours, row.theirs))
    ours, theirs = figures if math.isfinite(row.ours) else ("", "")
    return row.what, ours, theirs, f"{row.value:.2f}", limit, "" if row.holds else "MISSED"


if __name__ == "__main__":
    sys.exit(main())
