"""Looking for solutions, hidden checks and mistakes in a file that students get."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache

from course import notebooks
from release.secrets import Secrets, normalise

_MARKER = re.compile(r"#\s*(BEGIN|END) (SOLUTION|HIDDEN TESTS)")
_GENERATED = "assignments/"  # elsewhere, in the course's own code, markers are only spoken of


def find(name: str, content: bytes, secrets: Secrets) -> list[str]:
    """A message for every secret in a file, and in its name.

    Of a file that isn't text, the names in an archive are read and nothing else.
    """
    found = [f"{name}: its name holds {place}." for place, _ in _words(name, secrets.words)]
    try:
        text = content.decode()
    except UnicodeDecodeError:
        names = _names_in(content)
        return found + [f"{name}: holds {place}." for place, _ in _words(names, secrets.words)]
    text = f"{text}\n{_sources(content)}" if name.endswith(".ipynb") else text
    found += [
        f"{name}:{number}: a marker was released."
        for number, line in enumerate(text.split("\n"), start=1)
        if name.startswith(_GENERATED) and _MARKER.search(line)
    ]
    find_lines = _whole_lines if name.endswith(".py") else _anywhere
    for place, number in find_lines(text, secrets.lines):
        found.append(f"{name}:{number}: holds the line of {place}.")
    for place, number in _anywhere(text, secrets.pieces):
        found.append(f"{name}:{number}: holds the text of {place}.")
    for place, number in _words(text, secrets.words):
        found.append(f"{name}:{number}: holds {place}.")
    return found


def _sources(content: bytes) -> str:
    """The code and prose of a notebook as they are read, not as JSON writes them."""
    try:
        cells = notebooks.parse(content).cells or []
    except notebooks.NotANotebook:
        return ""
    return "\n".join(cell.text for cell in cells)


def _names_in(content: bytes) -> str:
    """The names of what an archive holds, such as the arrays of an .npz."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""


def _whole_lines(text: str, secrets: dict[str, str]) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(text.split("\n"), start=1):
        key = normalise(line)
        if key in secrets:
            yield secrets[key], number


def _anywhere(text: str, secrets: dict[str, str]) -> Iterator[tuple[str, int]]:
    """In prose and notebooks a line of code stands among other text."""
    lines = [normalise(line) for line in text.split("\n")]
    joined = "\n".join(lines)
    words = {"", *re.findall(r"\w+", joined)}
    for secret, place in secrets.items():
        if _inner_word(secret) in words and secret in joined:
            yield place, joined[: joined.index(secret)].count("\n") + 1


@cache
def _inner_word(secret: str) -> str:
    """The longest word that has something before and behind it: where the secret is, that is.

    Looking for it first is quick, and most texts don't hold it.
    """
    return max(re.findall(r"\w+", secret)[1:-1], key=len, default="")


def _words(text: str, secrets: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Names, as words of their own."""
    if not secrets.keys().isdisjoint(re.findall(r"[\w-]+", text)):
        for number, line in enumerate(text.split("\n"), start=1):
            for word in dict.fromkeys(re.findall(r"[\w-]+", line)):
                if word in secrets:
                    yield secrets[word], number
