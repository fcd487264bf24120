"""What a call of the command line came to."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    error: str


def flat(text: str) -> str:
    """The words without the lines, frames and columns that they stand in."""
    return " ".join(text.replace("│", " ").split())


def program(folder: Path, *command: str, **environment: str) -> Ended:
    """Run Python in a process of its own, in this folder."""
    given = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "GITHUB_ACTIONS")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=given | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
