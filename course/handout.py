"""A week's handout: which section of it is about what."""

from __future__ import annotations

import re

from course.config import Course

HEADING = re.compile(r"^#{2,6}\s+(.+?)\s*$", re.MULTILINE)
NAME = "README.md"


def sections(course: Course, number: int) -> dict[str, str]:
    """The anchor of each section, by its heading; GitHub and editors make the same ones."""
    place = course.folder(number) / NAME
    text = place.read_text(encoding="utf-8") if place.is_file() else ""
    return {heading: anchor(heading) for heading in HEADING.findall(text)}


def anchor(heading: str) -> str:
    """'A softmax that survives' -> 'a-softmax-that-survives'."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
