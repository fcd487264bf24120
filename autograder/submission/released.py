"""In a student's checkout: is what was released with a week still there, and as it was merged?

Otherwise every check would fail at it, and nobody would know why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from autograder.loading import UNFINISHED_MERGE, merge_marker
from autograder.options import InputError
from course.config import Course

IMPORTS_GIVEN = re.compile(r"^(?:from|import) given\b(?:\.(\w+))?", re.MULTILINE)


def require_given(course: Course, root: Path) -> None:
    """What a staged week imports of `given` is there, and is no unfinished merge.

    Raises:
        InputError: it isn't; the message has git's command.
    """
    given = root / "given"
    for file, module in imports(root):
        wanted = given / (f"{module}.py" if module else "")
        if not (wanted.exists() and any(given.glob("*.py"))):
            whole = not any(given.glob("*.py"))
            place = course.relative(course.source / "given" / ("" if whole else wanted.name))
            raise InputError(
                f"{place} is missing, and {file.parent.name}/{file.name} imports it. Bring it "
                f"back with: git checkout HEAD -- {place}"
            )
    for file in sorted(given.glob("*.py")):
        if line := merge_marker(file.read_text(encoding="utf-8", errors="replace")):
            place = course.relative(course.source / "given" / file.name)
            raise InputError(f"{place}:{line} {UNFINISHED_MERGE}. {as_released(course, place)}")


def imports(root: Path) -> Iterator[tuple[Path, str]]:
    """Files of the weeks that import `given`, and which module of it."""
    for file in sorted(root.glob("week_*/*.py")):
        for match in IMPORTS_GIVEN.finditer(file.read_text(encoding="utf-8", errors="replace")):
            yield file, match[1] or ""


def as_released(course: Course, place: str) -> str:
    """How to get a file as it was released, where students write nothing of their own."""
    branch = f"origin/week_{max(course.written)}_exercise"
    return f"Or take what was released: git checkout {branch} -- {place}"


def missing_checks(course: Course, number: int, check_ids: list[str]) -> list[str]:
    """Files of a week's checks that were released, by the ids of checks, and are gone."""
    folder = course.checks(number)
    names = {name.partition("::")[0] for name in check_ids} | {"expected.npz"}
    return [
        course.relative(folder / name) for name in sorted(names) if not (folder / name).exists()
    ]
