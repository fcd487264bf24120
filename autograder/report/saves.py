"""A save in a terminal: a line that says what it changed, and what is still wrong where it was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.report import difference, summary, text
from autograder.report.difference import Difference
from autograder.report.plan import Detail, plan
from autograder.report.terminal import detail
from autograder.results import Record

if TYPE_CHECKING:
    from rich.console import Console

    from autograder.report.console import Page

SHOWN = 2  # failures in full; the others wait for their turn


@dataclass(frozen=True)
class Save:
    """What was saved, what came of it, and the scores since the watch began.

    Attributes:
        problem: why it was not graded; then what was graded before stands.
        trains: whether checks that train a model are still running.
        goes_on: whether there will be a next one; if so, the page looks for it.
    """

    when: str
    files: Sequence[str]
    difference: Difference
    shares: Sequence[float]
    seconds: float | None = None
    problem: str = ""
    trains: bool = False
    goes_on: bool = True

    @property
    def sentences(self) -> list[str]:
        return self.difference.in_words() or ["as before"]

    @property
    def named(self) -> str:
        return ", ".join(text.one_line(name, 60) for name in self.files)

    @property
    def history(self) -> str:
        return difference.history(self.shares)


def render(save: Save, record: Record | None, modules: Collection[str], console: Console) -> None:
    """Print what a save changed; of what is still wrong, only what belongs to these modules."""
    from autograder.report.console import Page

    page = Page(console)
    if save.problem or save.seconds is not None:  # otherwise it is the second part of a save
        took = f"  {save.seconds:.2f} s" if save.seconds is not None else ""
        page.gap()
        page.line((save.when, "dim"), "  ", (save.named, "bold"), (took, "dim"))
    if save.problem:
        page.quote(save.problem, "yellow", indent=2)
        page.line("What was graded before stands.", indent=2)
    elif record is not None:
        _changes(save, page)
        if save.trains:
            _failures(record, modules, page)
        _score(save, record, page)


def _changes(save: Save, page: Page) -> None:
    for sentence in save.sentences if save.difference or save.trains else ():
        style = "green" if sentence.startswith("+") else "red" if save.difference else "dim"
        page.line((sentence, style), indent=2)


def _failures(record: Record, modules: Collection[str], page: Page) -> None:
    """What is wrong in these modules: the first ones in full."""
    items = [
        item
        for module in summary.modules(record)
        if module.name in modules
        for item in plan(module, record)
        if isinstance(item, Detail)
    ]
    for item in items[:SHOWN]:
        detail(item, page)


def _score(save: Save, record: Record, page: Page) -> None:
    if save.trains:
        page.line(("the rest runs ...", "dim"), indent=2)
        return
    score = text.score(record.score, record.max_score)
    page.line((score, "bold"), f"  {difference.history(save.shares, page.plain)}", indent=2)
    page.line(("Next: ", "bold"), summary.next_step(record), indent=2)
