"""nbgrader as the course uses it: its configuration, nbgrader_config.py.

Importing nbgrader takes seconds, so that happens only where the configuration is asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from course.config import Course
from course.errors import CourseError

FILE = "nbgrader_config.py"


def load(course: Course, root: Path) -> Any:
    """nbgrader's configuration, a traitlets Config, for folders that lie below `root`.

    Raises:
        CourseError: the course has no configuration for nbgrader, or it isn't installed.
    """
    if not (course.root / FILE).is_file():
        raise CourseError(f"{FILE}: missing. Notebooks are neither released nor graded without it.")
    try:
        from traitlets.config.loader import PyFileConfigLoader

        config = PyFileConfigLoader(FILE, path=str(course.root)).load_config()
    except ImportError as error:
        advice = "Install the instructor's packages: make setup-instructor"
        raise CourseError(f"the notebooks need nbgrader ({error}). {advice}") from None
    config.CourseDirectory.root = str(root)
    return config
