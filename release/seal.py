"""What a week's expected values were made of, so that they needn't be computed again to be checked.

solutions/week_N/built.json holds a hash of the sources, the grader's code among them, and one of
each file that was written. Where it holds, a build takes over what is there; without it, or if
anything has changed since, everything is computed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from course.config import Course
from release.files import Files

FILE = "built.json"


def path(course: Course, week: int) -> Path:
    return course.solutions / f"week_{week}" / FILE


def write(course: Course, week: int, sources: str, files: Files) -> None:
    """Note that these files were made of these sources; nothing is written if it says so."""
    if not holds(course, week, sources, files):
        text = json.dumps(_sealed(sources, files), indent=2) + "\n"
        path(course, week).write_text(text, encoding="utf-8")


def holds(course: Course, week: int, sources: str, files: Files) -> bool:
    """Whether these files are known to have been made of these sources."""
    with contextlib.suppress(OSError, ValueError):
        return bool(json.loads(path(course, week).read_bytes()) == _sealed(sources, files))
    return False


def _sealed(sources: str, files: Files) -> dict[str, object]:
    hashes = {Path(name).name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    return {"sources": sources, "files": hashes}
