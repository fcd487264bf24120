"""Makes the start of a course: one week with one function, and all that belongs to it."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.options import InputError

TEMPLATE = Path(__file__).with_name("template")
# At the end of every template's name, so that nothing takes it for what it is a template of.
SUFFIX = "-tpl"


def start(folder: Path) -> list[Path]:
    """Copy the templates into `folder`, which may hold nothing but a repository; the new files.

    Raises:
        InputError: there is something else in it, or it isn't a folder.
    """
    if folder.exists() and (not folder.is_dir() or {p.name for p in folder.iterdir()} - {".git"}):
        raise InputError(f"{folder} is not empty: name a new folder, or empty this one")
    made = []
    for template in sorted(path for path in TEMPLATE.rglob(f"*{SUFFIX}") if path.is_file()):
        place = template.relative_to(TEMPLATE)
        target = folder / place.with_name(place.name.removesuffix(SUFFIX))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(template, target)
        made.append(target)
    return made
