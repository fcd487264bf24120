"""The answer branches: a week's solutions on top of its exercise branch, when it is time.

They lie in answers/week_1/, beside what students wrote, so that merging them never conflicts.
Hidden checks and the catalogue of mistakes stay secret.
"""

from __future__ import annotations

from collections.abc import Callable

from course import notebooks
from course.config import ANSWERS, Course
from course.errors import CourseError
from course.markers import SOLUTION, find_regions, strip_hidden, unix_newlines
from release import branches, trees
from release.files import Files
from release.git import Git
from release.skeleton import read_source, relative


def answer_files(course: Course, number: int) -> Files:
    """What an answer branch adds: the modules with their solutions, and the notebook with its.

    Raises:
        CourseError: a marker is wrong.
    """
    folder, place = course.solutions / f"week_{number}", f"{ANSWERS}/week_{number}"
    files = {
        f"{place}/{path.name}": _solved(read_source(course, path), relative(course, path)).encode()
        for path in sorted(folder.glob("*.py"))
    }
    if notebooks.path(course, number).is_file():
        files[f"{place}/{notebooks.NAME}"] = _notebook(course, number)
    return files


def prepare(course: Course, number: int) -> str:
    """The commit with a week's answers: it belongs to no branch yet, so it can be proven first.

    Raises:
        CourseError: the week's exercise isn't published, or the branch is checked out.
    """
    git, branch = Git(course.root), branches.answer(number)
    branches.refuse(git, branch)
    base = branches.tip(git, branches.exercise(number))
    if base is None:
        raise CourseError(
            f"{branches.exercise(number)}: there is no such branch, and answers come on top of it. "
            f"Publish it first: release publish {number}"
        )
    tree = trees.read(git, base) | trees.from_bytes(git, answer_files(course, number))
    message = f"Answers of week {number}: {course.week(number).title}"
    return branches.commit(git, branch, trees.write(git, tree), [base], message)


def _solved(text: str, name: str) -> str:
    """The text with its solutions, without the markers around them."""
    regions = find_regions(text, name)
    edges = {line for region in regions for line in (region.begin_line, region.end_line)}
    lines = enumerate(unix_newlines(text).split("\n"), start=1)
    return "\n".join(line for number, line in lines if number not in edges)


def _notebook(course: Course, number: int) -> bytes:
    """The notebook with its answers, without hidden tests."""
    name = relative(course, notebooks.path(course, number))
    book = notebooks.read(notebooks.path(course, number), course)
    for cell in book.cells:
        kinds = {region.kind for region in cell.regions(name)}
        change: Callable[[str, str], str] = _solved if SOLUTION in kinds else strip_hidden
        if kinds:
            cell.source = change(cell.text, f"{name}[{cell.id}]")
    return notebooks.encode(book)
