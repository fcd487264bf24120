"""Text and numbers, made fit for a reader: no control characters, no surprises in length."""

from __future__ import annotations

import math
import re

# Control characters (but for the newline), bidirectional overrides, invisible format characters
# and lone surrogates: they move the cursor, reorder a line, or can't be encoded. The joiners
# U+200C and U+200D stay: some languages are written with them.
_UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    r"""`text` with every unsafe character made visible: ESC becomes the four characters \x1b."""
    text = text.replace("\r\n", "\n").expandtabs(4)
    return _UNSAFE.sub(lambda match: ascii(match[0])[1:-1], text)


def one_line(text: str, limit: int = 200) -> str:
    """`text` made visible, on one line, with at most `limit` characters."""
    line = " ".join(visible(text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def shorten(text: str, lines: int, characters: int) -> str:
    """The first `lines` lines and `characters` characters of `text`, and how much was left out."""
    whole = visible(text).rstrip().split("\n")
    first = "\n".join(whole[:lines])
    kept = first[:characters]
    if len(kept) < len(first):
        kept += "…"
    left = len(whole) - 1 - kept.count("\n")
    return f"{kept}\n… {count(left, 'more line')}" if left else kept


def number(value: float | None, digits: int = 6) -> str:
    """A number with so many digits, `nan`, `inf`, or a dash where none is known."""
    return "-" if value is None else f"{value:.{digits}g}"


def pair(left: float | None, right: float | None) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart."""
    if left is None or right is None:
        return number(left), number(right)
    for digits in (6, 9, 12, 17):
        texts = f"{left:.{digits}g}", f"{right:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


def shape(sizes: list[int]) -> str:
    """A shape as Python writes it: (5, 4), (3,), ()."""
    return str(tuple(sizes))


def points(value: float) -> str:
    """Points with at most two decimals: 14, 2.5."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if math.isfinite(value) else number(value)


def score(earned: float, maximum: float) -> str:
    """Points out of points: 14/20."""
    return f"{points(earned)}/{points(maximum)}"


def share(earned: float, maximum: float) -> float:
    """The part of the points that was earned, between 0 and 1; 0 where there are none."""
    part = earned / maximum if maximum else 0.0
    return min(max(part, 0.0), 1.0) if math.isfinite(part) else 0.0


def percent(part: float) -> str:
    """A share in per cent, rounded down: 99.7 % isn't everything."""
    return f"{math.floor(round(100 * part, 6))} %"


def count(how_many: int, noun: str) -> str:
    """1 check, 2 checks."""
    return f"{how_many} {noun}" if how_many == 1 else f"{how_many} {noun}s"
