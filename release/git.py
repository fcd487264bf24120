"""The few git commands that the release is made of, with errors that can be read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from course.errors import CourseError


class Git:
    """git in one repository.

    Raises, from every call:
        CourseError: git is not installed, or ended with an error; its own words follow.
    """

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None) -> None:
        self.root = root
        self._environment = {**os.environ, **(environment or {})}

    def raw(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What git prints."""
        done = self._run(arguments, stdin)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            raise CourseError(f"git {arguments[0]} failed in {self.root}: {said}")
        return done.stdout

    def text(self, *arguments: str, stdin: bytes = b"") -> str:
        """What git prints, as one string without the last line's end."""
        return self.raw(*arguments, stdin=stdin).decode(errors="surrogateescape").strip()

    def lines(self, *arguments: str) -> list[str]:
        return self.text(*arguments).splitlines()

    def paths(self, *arguments: str) -> list[str]:
        """What a command with -z prints: paths with any character in them."""
        fields = self.raw(*arguments).decode(errors="surrogateescape").split("\0")
        return [path for path in fields if path]

    def succeeds(self, *arguments: str) -> bool:
        """Whether a question to git is answered with yes."""
        return self._run(arguments, b"").returncode == 0

    def _run(self, arguments: tuple[str, ...], stdin: bytes) -> subprocess.CompletedProcess[bytes]:
        command = ["git", "-C", str(self.root), *arguments]
        try:
            return subprocess.run(
                command, input=stdin, capture_output=True, env=self._environment, check=False
            )
        except FileNotFoundError:
            raise CourseError("git: not found. Install git, then try again.") from None


def repository(root: Path) -> Git:
    """git in the repository that holds this folder.

    Raises:
        CourseError: it is in none.
    """
    git = Git(root)
    if not git.succeeds("rev-parse", "--git-dir"):
        git.text("--version")  # without git itself, that is what is said
        raise CourseError("the course is in no git repository. Run `git init` first.")
    return git
