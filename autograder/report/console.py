"""A page of terminal output. The only file that knows rich.

It is safe to print into a log that GitHub Actions reads: no line that comes from a submission can
begin with `::` or hold `##[`, which would be a command to the runner.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.report import text
from autograder.report.summary import Mark

STYLES = {"good": "green", "bad": "red", "todo": "yellow", "fault": "magenta"}
WIDEST = 100
LEFT_COLUMN, RIGHT_COLUMN = 21, 11  # "32.74/32.74"
PLAIN = str.maketrans({"…": "...", "“": '"', "”": '"'})

Part = str | tuple[str, str]  # a text, or a text and its style


class Page:
    """Prints lines, rows and quotations, wrapped: nothing is cut off, in a pipe neither."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = min(console.width, WIDEST)
        self.plain = console.options.ascii_only

    def line(self, *parts: Part, indent: int = 0) -> None:
        """A paragraph of words that are the course's own, or names."""
        self._print(Padding(self._text(parts), (0, 0, 0, indent), expand=False))

    def gap(self) -> None:
        self.console.print()

    def row(self, left: Part, middle: Part, right: Part, indent: int = 2) -> None:
        """Three columns: the left and the right one have the same widths in every row."""
        grid = Table.grid(expand=True, padding=0)
        grid.add_column(width=LEFT_COLUMN - indent, overflow="fold")
        grid.add_column(ratio=1, overflow="fold")
        grid.add_column(width=RIGHT_COLUMN, justify="right", overflow="fold")
        grid.add_row(*(self._text([part]) for part in (left, middle, right)))
        self._print(Padding(grid, (0, 0, 0, indent)))

    def quote(self, words: str, style: str = "", label: str = "", indent: int = 4) -> None:
        """Anything at all, behind a bar that every line of it begins with."""
        edge = " " * indent + ("| " if self.plain else "│ ")
        whole = Text().append(self._encodable(label), "bold")
        whole.append(self._encodable(words), style)
        for piece in whole.wrap(self.console, max(self.width - len(edge), 1), overflow="fold"):
            piece.rstrip()
            self._print(Text().append(edge, "dim").append_text(piece))

    def table(
        self,
        headers: Sequence[str],
        rows: Sequence[Sequence[Part]],
        numeric: int,
        bars: bool = False,
    ) -> None:
        """A table whose first and last columns are text and whose `numeric` others are numbers.

        With `bars` the last column isn't broken, whatever the others need.
        """
        table = Table(box=SIMPLE_HEAD, width=self.width, pad_edge=False, padding=(0, 1, 0, 0))
        for index, header in enumerate(headers):
            right = 1 <= index <= numeric
            whole = bars and index == len(headers) - 1
            justify: JustifyMethod = "right" if right else "left"
            table.add_column(header, justify=justify, overflow="fold", no_wrap=whole)
        for row in rows:
            table.add_row(*(self._text([part]) for part in row))
        self._print(table)

    def mark(self, mark: Mark) -> Part:
        return f"{mark.plain if self.plain else mark.symbol} {mark.word}", STYLES[mark.kind]

    def code(self, lines: str) -> None:
        """Lines to paste, from the first column on. They break at spaces, which Python minds not:
        what is long stands in brackets."""
        for line in lines.splitlines():
            self._print(self._text([(line, "dim")]))

    def bar(self, part: float, cells: int) -> Part:
        """A bar that is full only at 1 and empty only at 0."""
        filled = round(part * cells)
        if 0 < part < 1:
            filled = min(max(filled, 1), cells - 1)
        full, empty = ("#", ".") if self.plain else ("█", "░")
        return full * filled + empty * (cells - filled), "green" if part == 1 else "cyan"

    def _text(self, parts: Sequence[Part]) -> Text:
        whole = Text(overflow="fold")
        for part in parts:
            words, style = (part, "") if isinstance(part, str) else part
            whole.append(self._encodable(words).replace("::", ": :"), style)
        return whole

    def _encodable(self, words: str) -> str:
        encoding = self.console.encoding
        words = text.visible(words).replace("##[", "## [")
        if self.plain:
            words = words.translate(PLAIN)
        return words.encode(encoding, "backslashreplace").decode(encoding)

    def _print(self, item: Text | Padding | Table) -> None:
        self.console.print(item, width=self.width, highlight=False, overflow="fold")
