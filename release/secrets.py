"""What no student may see: solutions, hidden checks, mistakes that only those would show.

A line is secret when it stands in a SOLUTION or HIDDEN TESTS region, says more than a name or
two, and isn't given to students elsewhere anyway: in given/, outside of the regions, or in the
code of the grader that they run. So are the id and the hint of a mistake that no public check
shows, and the name of a hidden check.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from course import catalogue, notebooks
from course.config import Course
from course.markers import HIDDEN_TESTS, Region, find_regions, unix_newlines
from release.answers import answer_files
from release.files import walk
from release.skeleton import check_sources, probe_sources, read_source, relative

ENGINE = ("autograder", "course")  # packages
LEAST_TOKENS = 6  # `self.x = x` has 5, `return self.y * grad_out` has 6
LEAST_TOKENS_OF_A_PIECE = 10  # a mistake's text is a part of a line: `/ target.size` says nothing
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"[\w-]+")
_CHECK = re.compile(r"\s*(?:def )?(test_\w+)\s*[(=]")


class Secrets(NamedTuple):
    """Texts that no student may see, each with the place that it comes from.

    Attributes:
        lines, pieces: normalised; a piece is a part of a line.
        words: names, as they stand.
        answers: by week, the normalised lines of what `release answer` gives out.
    """

    lines: dict[str, str]
    pieces: dict[str, str]
    words: dict[str, str]
    answers: dict[int, frozenset[str]]

    def beside_answers(self, week: int) -> Secrets:
        """What stays secret in the answers of a week: all but its solutions."""
        told = self.answers.get(week, frozenset())
        return self._replace(
            lines={line: place for line, place in self.lines.items() if line not in told},
            pieces=_not_in(told, self.pieces),
        )


class _Public(NamedTuple):
    """What is given to students anyway: normalised lines, and the words in them."""

    lines: set[str]
    words: set[str]

    def add(self, line: str) -> None:
        self.lines.add(normalise(line))
        self.words.update(_WORD.findall(line))


def collect(course: Course) -> Secrets:
    """The secrets of every week, as far as it is written, released or not.

    Raises:
        CourseError: a source can't be read.
    """
    secrets, public = Secrets({}, {}, {}, {}), _Public(set(), set())
    for path in _marked_sources(course):
        text, name = read_source(course, path), relative(course, path)
        regions = find_regions(text, name)
        for number, line in enumerate(unix_newlines(text).split("\n"), start=1):
            _sort(line, _region(number, regions), f"{name}:{number}", secrets, public)
    for number in sorted(course.weeks):
        _collect_notebook(course, number, secrets, public)
    public_texts = [read_source(course, path) for path in _public_sources(course)]
    for line in (line for text in public_texts for line in text.splitlines()):
        public.add(line)
    public.lines.update(_engine().lines)
    public.words.update(_engine().words)
    for number in course.written:
        _collect_mistakes(course, number, secrets)
        files = answer_files(course, number).values()
        secrets.answers[number] = frozenset(n for content in files for n in _lines_of(content))
    return Secrets(
        {line: place for line, place in secrets.lines.items() if line not in public.lines},
        _not_in(frozenset(public.lines), secrets.pieces),
        {word: place for word, place in secrets.words.items() if word not in public.words},
        secrets.answers,
    )


@lru_cache(maxsize=1)
def _engine() -> _Public:
    """What stands in the grader's own code, which doesn't change while it runs."""
    public = _Public(set(), set())
    for path in _engine_sources():
        for line in path.read_text(encoding="utf-8").splitlines():
            public.add(line)
    return public


def normalise(line: str) -> str:
    """The line without white space, without a comment behind it, and not commented out."""
    code = line.strip().lstrip("#>-").split("  #")[0]
    return "".join(code.split()).replace('\\"', '"')


def _sort(line: str, region: Region | None, place: str, secrets: Secrets, public: _Public) -> None:
    """Put a line where it belongs: to what is public, or to what is secret if it says enough."""
    if region is None:
        public.add(line)
        return
    if _says_something(line, LEAST_TOKENS):
        secrets.lines.setdefault(normalise(line), place)
    if region.kind == HIDDEN_TESTS and (match := _CHECK.match(line)):
        secrets.words.setdefault(match[1], f"the name of the hidden check of {place}")


def _collect_notebook(course: Course, number: int, secrets: Secrets, public: _Public) -> None:
    """The secret and the public lines of a week's exercise notebook, model answers included."""
    path = notebooks.path(course, number)
    if not path.is_file():
        return
    name = relative(course, path)
    for cell in notebooks.read(path, course).cells:
        public.words.add(cell.grade_id)  # nbgrader's cells are named for the checks behind them
        regions = cell.regions(name)
        lines = cell.text.split("\n")
        if cell.cell_type == "markdown" and cell.settings.solution:
            regions = [Region("", 1, len(lines), "", "")]
        for at, line in enumerate(lines, start=1):
            _sort(line, _region(at, regions), f"{name}[{cell.id}]:{at}", secrets, public)


def _collect_mistakes(course: Course, number: int, secrets: Secrets) -> None:
    """What every mistake replaces and puts there instead; of those not released, id and hint."""
    released = released_mistakes(course, number)
    hints = {one.hint for one in released.values()}
    week = course.week(number)
    for mistake in (*catalogue.load(course, week), *catalogue.deviations(course, week)):
        texts = [("replace", mistake.replace), ("with", mistake.with_)]
        if mistake.id not in released:
            secrets.words.setdefault(mistake.id, f"the id of mistake {mistake.id}")
            texts += [("hint", mistake.hint)] if mistake.hint not in hints else []
        for key, text in texts:
            for line in text.splitlines():
                if _says_something(line, LEAST_TOKENS_OF_A_PIECE):
                    secrets.pieces.setdefault(normalise(line), f"mistake {mistake.id} ({key})")


class ReleasedMistake(msgspec.Struct):
    """What a student's checkout says of a mistake, as far as it is looked at here."""

    id: str
    hint: str


def released_mistakes(course: Course, number: int) -> dict[str, ReleasedMistake]:
    """By id, the mistakes that a public check or a probe shows: the build says which, and proves
    the files."""
    found: list[ReleasedMistake] = []
    for name in ("mistakes.json", "explanations.json"):
        file = course.assignments / f"week_{number}" / "checks" / name
        with contextlib.suppress(OSError, msgspec.DecodeError):
            found += msgspec.json.decode(file.read_bytes(), type=list[ReleasedMistake])
    return {one.id: one for one in found}


def _not_in(lines: frozenset[str], pieces: dict[str, str]) -> dict[str, str]:
    joined = "\n".join(lines)
    return {piece: place for piece, place in pieces.items() if piece not in joined}


def _lines_of(content: bytes) -> Iterator[str]:
    """The normalised lines of an answer: of a notebook also as they are read, not as JSON."""
    texts = [content.decode()]
    with contextlib.suppress(notebooks.NotANotebook):
        texts += [cell.text for cell in notebooks.parse(content).cells or []]
    return (normalise(line) for text in texts for line in text.split("\n"))


def _says_something(line: str, least: int) -> bool:
    is_comment = line.lstrip().startswith("#")
    return not is_comment and len(_TOKEN.findall(line.split("  #")[0])) >= least


def _region(number: int, regions: list[Region]) -> Region | None:
    return next((r for r in regions if r.begin_line <= number <= r.end_line), None)


def _marked_sources(course: Course) -> Iterator[Path]:
    """The sources that students get a part of."""
    for number in sorted(course.weeks):
        yield from sorted((course.solutions / f"week_{number}").glob("*.py"))
        yield from check_sources(course, number)


def _public_sources(course: Course) -> Iterator[Path]:
    """The sources that students get as they are."""
    yield from (file for file in walk(course.solutions / "given") if file.suffix == ".py")
    for number in course.written:
        yield from probe_sources(course, number)
    if course.fixtures.is_file():
        yield course.fixtures


def _engine_sources() -> Iterator[Path]:
    """The engine, which students run: installed, or a copy of their own."""
    for package in ENGINE:
        spec = importlib.util.find_spec(package)  # found, not imported
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            yield from (file for file in walk(Path(folder)) if file.suffix == ".py")
