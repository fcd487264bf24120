"""The report as one HTML file: no scripts, nothing to load, light and dark, screen and paper.

Safe by construction: the templates never switch escaping off, a control character is made
visible wherever one is printed, and the page's own policy forbids scripts and requests.
"""

from __future__ import annotations

import base64
import functools
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from autograder.records import is_identity
from autograder.report import charts, class_summary, plan, summary, text
from autograder.results import Comparison, Record

if TYPE_CHECKING:
    from jinja2 import Environment

    from autograder.report.saves import Save

TEMPLATES = Path(__file__).parent / "templates"


class Row(NamedTuple):
    """A line of the table that compares an array with the expected one."""

    name: str
    expected: str
    got: str
    differs: bool


def render(
    record: Record,
    instructor: bool = False,
    save: Save | None = None,
    handout: Mapping[str, str] = {},  # it is only read
) -> str:
    """The page of one submission.

    Who may see hidden checks is the caller's decision: `redaction.for_student` comes before.

    Args:
        instructor: changes the headline, and nothing else.
        save: what it was graded after, if it is watched.
        handout: links to sections of the week's handout, by their headings.
    """
    template = _environment().get_template("record.html")
    return template.render(record=record, instructor=instructor, save=save, handout=handout)


def render_class(records: Sequence[Record], skipped: Sequence[str] = (), proven: str = "") -> str:
    """The page of a class, with links to each record's page beside it: <id>.html.

    Args:
        skipped: what lies in the class's folder and is no submission.
        proven: what was proven of the grader before it graded the class.
    """
    template = _environment().get_template("class.html")
    graded = [text.share(r.score, r.max_score) for r in records if r.complete]
    return template.render(
        records=records,
        bins=charts.histogram(graded),
        median=statistics.median(graded) if graded else None,
        incomplete=sum(r.found and not r.complete for r in records),
        nothing=sum(not r.found for r in records),
        skipped=skipped,
        proven=proven,
        shares=class_summary.check_shares(records),
        misconceptions=class_summary.misconceptions(records),
    )


def page_of(record: Record) -> str:
    """The name of a record's page, or an empty string if its id isn't one of ours."""
    return f"{record.id}.html" if is_identity(record.id) else ""


def rows(comparison: Comparison) -> list[Row]:
    """Shape, dtype and the values at the largest error, as far as they are known."""
    if not comparison.got_dtype:  # no array came
        return []
    shapes = text.shape(comparison.expected_shape), text.shape(comparison.got_shape)
    dtypes = comparison.expected_dtype, comparison.got_dtype
    found = [Row(*row, row[1] != row[2]) for row in (("shape", *shapes), ("dtype", *dtypes))]
    if comparison.expected_value is not None or comparison.got_value is not None:
        expected, got = text.pair(comparison.expected_value, comparison.got_value)
        found.append(Row(f"value {summary.place(comparison)}".rstrip(), expected, got, True))
    return found


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def visible(value: Any) -> Any:
        printable = not isinstance(value, str) or isinstance(value, Markup)
        return value if printable else text.visible(value)

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "line": text.one_line,
        "base64": lambda data: base64.b64encode(data).decode(),
        "kind": lambda picture: type(picture).__name__,
    }
    environment.tests["rare"] = class_summary.is_rare
    environment.globals |= {
        "text": text,
        "summary": summary,
        "plan": plan,
        "charts": charts,
        "class_summary": class_summary,
        "rows": rows,
        "page_of": page_of,
    }
    return environment
