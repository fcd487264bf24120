"""Runs what is installed beside this Python, as somebody does in the folder of their course."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

INSTALLED = Path(sys.executable).parent
WITHOUT = ("PYTHONPATH", "NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY")


def program(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """How a command ended that was started in this folder."""
    environment = {name: value for name, value in os.environ.items() if name not in WITHOUT}
    environment["PATH"] = os.pathsep.join([str(INSTALLED), os.environ["PATH"]])
    environment |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "A", f"GIT_{role}_EMAIL": "a@example.org"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
