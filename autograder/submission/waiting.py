"""A worker that was started before there is a submission for it: Python and NumPy are loaded."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from autograder.options import Options
from autograder.sandbox.session import Session
from autograder.submission.finding import find
from autograder.submission.intake import Intake, stage
from autograder.submission.opening import launcher
from autograder.submission.untouched import released_files
from course.config import Course, Week


class Waiting:
    """One submission's worker and its empty import root. To be closed by whoever made it.

    The kernel ends a worker with the thread that started it: make these in one that stays.
    """

    def __init__(self, course: Course, week: Week, options: Options) -> None:
        self.course, self.week = course, week
        self.folder = Path(tempfile.mkdtemp(prefix="grade-"))
        self.root = self.folder / "course"
        self.root.mkdir()
        self.session = Session(launcher(course, self.root, options, ()), options.limits)

    def take_in(self, folder: Path) -> Intake:
        """Put the files of this folder where the worker will import them; once.

        Raises:
            InputError: a file is there and can't be read, or `given/` was deleted.
            NothingFound: there is no file of the week.
        """
        files = find(folder, self.week, released_files(self.course, self.week))
        intake = stage(self.course, self.week, files, self.root)
        self.session.refused = intake.refused
        return intake

    def close(self) -> None:
        self.session.close()
        shutil.rmtree(self.folder, ignore_errors=True)
