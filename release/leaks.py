"""Looking for solutions, hidden checks and mistakes in what students get.

A line is secret when it stands in a SOLUTION or HIDDEN TESTS region, says more than a name or
two, and isn't given to students elsewhere anyway: in given/, outside of the regions, or in the
code of the grader that they run.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from course import catalogue, notebooks
from course.config import Course
from course.markers import Region, find_regions, unix_newlines
from release.files import walk
from release.skeleton import check_sources, read_source, relative

ENGINE = ("autograder", "course")  # packages
LEAST_TOKENS = 6  # `self.x = x` has 5, `return self.y * grad_out` has 6
LEAST_TOKENS_OF_A_PIECE = 10  # a mistake's text is a part of a line: `/ target.size` says nothing
_MARKER = re.compile(r"#\s*(BEGIN|END) (SOLUTION|HIDDEN TESTS)")
_GENERATED = "assignments/"  # elsewhere, in the course's own code, markers are only spoken of
_TOKEN = re.compile(r"\w+|[^\w\s]")


class Secrets(NamedTuple):
    """Normalised texts that no student may see, each with the place that it comes from."""

    lines: dict[str, str]
    pieces: dict[str, str]


def collect(course: Course) -> Secrets:
    """The secrets of every week, as far as it is written, released or not.

    Raises:
        CourseError: a source can't be read.
    """
    lines: dict[str, str] = {}
    public: set[str] = set()
    for path in _marked_sources(course):
        text, name = read_source(course, path), relative(course, path)
        regions = find_regions(text, name)
        for number, line in enumerate(unix_newlines(text).split("\n"), start=1):
            if not _is_cut(number, regions):
                public.add(normalise(line))
            elif _says_something(line, LEAST_TOKENS):
                lines.setdefault(normalise(line), f"{name}:{number}")
    for number in sorted(course.weeks):
        _collect_notebook(course, number, lines, public)
    for path in _public_sources(course):
        public.update(map(normalise, read_source(course, path).splitlines()))
    for path in _engine_sources():
        public.update(map(normalise, path.read_text(encoding="utf-8").splitlines()))
    pieces = {
        piece: place
        for piece, place in _mistakes(course)
        if not any(piece in line for line in public)
    }
    return Secrets({line: place for line, place in lines.items() if line not in public}, pieces)


def _collect_notebook(course: Course, number: int, lines: dict[str, str], public: set[str]) -> None:
    """The secret and the public lines of a week's exercise notebook, model answers included."""
    path = notebooks.path(course, number)
    if not path.is_file():
        return
    name = relative(course, path)
    for cell in notebooks.read(path, course).cells:
        regions = cell.regions(name)
        answer = cell.cell_type == "markdown" and cell.settings.solution
        for at, line in enumerate(cell.text.split("\n"), start=1):
            if not answer and not _is_cut(at, regions):
                public.add(normalise(line))
            elif _says_something(line, LEAST_TOKENS):
                lines.setdefault(normalise(line), f"{name}[{cell.id}]:{at}")


def find(name: str, content: bytes, secrets: Secrets) -> list[str]:
    """A message for every secret in a file; a file that isn't text holds none."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return []
    text = f"{text}\n{_sources(content)}" if name.endswith(".ipynb") else text
    found = [
        f"{name}:{number}: a marker was released."
        for number, line in enumerate(text.split("\n"), start=1)
        if name.startswith(_GENERATED) and _MARKER.search(line)
    ]
    find_lines = _whole_lines if name.endswith(".py") else _anywhere
    for place, number in find_lines(text, secrets.lines):
        found.append(f"{name}:{number}: holds the line of {place}.")
    for place, number in _anywhere(text, secrets.pieces):
        found.append(f"{name}:{number}: holds the text of {place}.")
    return found


def _sources(content: bytes) -> str:
    """The code and prose of a notebook as they are read, not as JSON writes them."""
    try:
        cells = notebooks.parse(content).cells or []
    except notebooks.NotANotebook:
        return ""
    return "\n".join(cell.text for cell in cells)


def normalise(line: str) -> str:
    """The line without white space, without a comment behind it, and not commented out."""
    code = line.strip().lstrip("#>-").split("  #")[0]
    return "".join(code.split()).replace('\\"', '"')


def _whole_lines(text: str, secrets: dict[str, str]) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(text.split("\n"), start=1):
        key = normalise(line)
        if key in secrets:
            yield secrets[key], number


def _anywhere(text: str, secrets: dict[str, str]) -> Iterator[tuple[str, int]]:
    """In prose and notebooks a line of code stands among other text."""
    lines = [normalise(line) for line in text.split("\n")]
    joined = "\n".join(lines)
    for secret, place in secrets.items():
        if secret in joined:
            yield place, joined[: joined.index(secret)].count("\n") + 1


def _says_something(line: str, least: int) -> bool:
    is_comment = line.lstrip().startswith("#")
    return not is_comment and len(_TOKEN.findall(line.split("  #")[0])) >= least


def _is_cut(number: int, regions: list[Region]) -> bool:
    return any(region.begin_line <= number <= region.end_line for region in regions)


def _marked_sources(course: Course) -> Iterator[Path]:
    """The sources that students get a part of."""
    for number in sorted(course.weeks):
        yield from sorted((course.solutions / f"week_{number}").glob("*.py"))
        yield from check_sources(course, number)


def _public_sources(course: Course) -> Iterator[Path]:
    """The sources that students get as they are."""
    yield from (file for file in walk(course.solutions / "given") if file.suffix == ".py")
    if course.fixtures.is_file():
        yield course.fixtures


def _engine_sources() -> Iterator[Path]:
    """The engine, which students run: installed, or a copy of their own."""
    for package in ENGINE:
        spec = importlib.util.find_spec(package)  # found, not imported
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            yield from (file for file in walk(Path(folder)) if file.suffix == ".py")


def _mistakes(course: Course) -> Iterator[tuple[str, str]]:
    """The normalised lines of what every mistake replaces, and puts there instead."""
    for number in course.written:
        for mistake in catalogue.load(course, course.week(number)):
            for key, text in (("replace", mistake.replace), ("with", mistake.with_)):
                for line in text.splitlines():
                    if _says_something(line, LEAST_TOKENS_OF_A_PIECE):
                        yield normalise(line), f"mistake {mistake.id} ({key})"
