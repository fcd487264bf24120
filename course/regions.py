"""From the comments of a source text to its regions: the grammar of the markers.

    ### BEGIN SOLUTION what the student has to do
    ...
    ### END SOLUTION

and the same with HIDDEN TESTS. Only real comments count, so the text is read with tokenize.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from typing import NamedTuple

from course.errors import did_you_mean

SOLUTION = "SOLUTION"
HIDDEN_TESTS = "HIDDEN TESTS"

_MARKER = re.compile(r"### (BEGIN|END) (SOLUTION|HIDDEN TESTS)(?: +(\S.*?))? *")
_LOOKALIKE = re.compile(r"#\W*(begin|end)[\W_]*(solution|hidden[\W_]*test)", re.IGNORECASE)
_SPELLINGS = [f"{edge} {kind}" for edge in ("BEGIN", "END") for kind in (SOLUTION, HIDDEN_TESTS)]
_LAYOUT = {
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}

Problem = tuple[int, str]  # line, message


class Region(NamedTuple):
    """The lines from a BEGIN marker to its END marker, both included, counted from 1.

    Attributes:
        kind: SOLUTION or HIDDEN TESTS.
        indent: the white space before the markers.
        text: what stands behind BEGIN.
        qualname: the function, class or module ("") that the region stands in.
    """

    kind: str
    begin_line: int
    end_line: int
    indent: str
    text: str
    qualname: str = ""


class Scan(NamedTuple):
    """What the tokens of a text tell: regions, lines with code, and faults of the markers."""

    regions: list[Region]
    code_lines: set[int]
    problems: list[Problem]


def may_hold_markers(text: str) -> bool:
    """Whether there is anything that `scan` could take for a marker, or for one misspelt."""
    return "##" in text or _LOOKALIKE.search(text) is not None


def scan(text: str) -> Scan:
    """Pair the markers of a text that is valid Python."""
    result = Scan([], set(), [])
    opened: list[Region] = []
    for token in _tokens(text, result.problems):
        if token.type == tokenize.COMMENT:
            _read_comment(token, opened, result)
        elif token.type not in _LAYOUT:
            result.code_lines.update(range(token.start[0], token.end[0] + 1))
            result.problems.extend(_markers_in_code(token))
    for region in opened:
        _complain(result, region.begin_line, f"### BEGIN {region.kind} has no END.")
    return result


def _tokens(text: str, problems: list[Problem]) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError) as error:
        problems.append((1, f"can't be split into tokens: {error.args[0]}."))


def _read_comment(token: tokenize.TokenInfo, opened: list[Region], result: Scan) -> None:
    match = _MARKER.fullmatch(token.string)
    if match is None:
        if _looks_like_marker(token.string):
            _complain(result, token.start[0], _misspelt(token.string))
        return
    edge, kind, text = match[1], match[2], match[3] or ""
    indent = token.line[: token.start[1]]
    if indent.strip():
        _complain(result, token.start[0], f"### {edge} {kind} must have the line for itself.")
    elif edge == "BEGIN":
        region = Region(kind, token.start[0], 0, indent, text)
        _begin(region, opened, result)
    else:
        _end(kind, text, token, opened, result)


def _begin(region: Region, opened: list[Region], result: Scan) -> None:
    if opened:
        outer = opened[-1]
        _complain(
            result,
            region.begin_line,
            f"### BEGIN {region.kind} inside the {outer.kind} region of line {outer.begin_line}."
            " Regions can't be nested: end that one first.",
        )
    if region.kind == SOLUTION and not region.text:
        _complain(
            result,
            region.begin_line,
            "### BEGIN SOLUTION has no text. Write behind it what the student has to do.",
        )
    opened.append(region)


def _end(
    kind: str, text: str, token: tokenize.TokenInfo, opened: list[Region], result: Scan
) -> None:
    line = token.start[0]
    if text:
        _complain(result, line, f"### END {kind} takes no text: move it behind BEGIN.")
    if not opened:
        _complain(result, line, f"### END {kind} has no BEGIN.")
        return
    region = opened.pop()
    begun = f"the region of line {region.begin_line}"
    if region.kind != kind:
        _complain(result, line, f"### END {kind} ends {begun}, which is a {region.kind} region.")
    elif region.indent != token.line[: token.start[1]]:
        _complain(result, line, f"### END {kind} is not indented like the BEGIN of {begun}.")
    else:
        result.regions.append(region._replace(end_line=line))


def _looks_like_marker(comment: str) -> bool:
    """Misspelt on purpose or not: nothing that may be a marker is taken for a comment."""
    if _LOOKALIKE.match(comment):
        return True
    return comment.startswith("##") and bool(_closest(comment))


def _closest(comment: str) -> str:
    """` Did you mean ...?` with the marker that the first two or three words resemble."""
    words = re.findall(r"[A-Z]+", comment.upper())
    guesses = (did_you_mean(" ".join(words[:count]), _SPELLINGS, 0.8) for count in (2, 3, 1))
    return next((guess for guess in guesses if guess), "")


def _misspelt(comment: str) -> str:
    guess = _closest(comment).replace('"', '"### ', 1)
    return f"{comment.strip()[:60]!r} looks like a marker and is none.{guess}"


def _markers_in_code(token: tokenize.TokenInfo) -> Iterator[Problem]:
    """Markers in a string: nbgrader, which reads line by line, would take them for real."""
    for offset, line in enumerate(token.string.split("\n")):
        if _LOOKALIKE.search(line):
            yield (
                token.start[0] + offset,
                "a marker inside a string. Put the string together from parts.",
            )


def _complain(result: Scan, line: int, message: str) -> None:
    result.problems.append((line, message))
