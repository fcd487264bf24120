"""Hashes that tell whether a submission has to be graded again."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from autograder.options import Options
from autograder.submission import notebook_file
from autograder.submission.intake import Intake
from course import accuracy, catalogue
from course.config import Course, Week

ENGINE = Path(__file__).parents[1]


def submission_digest(intake: Intake, options: Options) -> str:
    """A hash of all of a submission that is graded."""
    if not options.notebook:
        return intake.digest
    parts = intake.digest + notebook_file.digest(intake.files)
    return hashlib.sha256(parts.encode()).hexdigest()


def checks_digest(course: Course, week: Week) -> str:
    """A hash of all that a verdict depends on beside the submission: checks, grader, catalogue."""
    digest = hashlib.sha256(sys.version.encode())
    folders = (course.checks(week.number), course.oracles, ENGINE)
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    files += [
        course.root / "course.toml",
        course.fixtures,
        accuracy.path(course, week.number),
        catalogue.path(course, week.number),
    ]
    files += sorted(course.checks(week.number).glob("*.npz"))
    files += sorted(course.checks(week.number).glob("points.json"))
    for file in dict.fromkeys(files):
        if file.is_file():
            digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()
