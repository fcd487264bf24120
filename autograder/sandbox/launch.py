"""How a worker is started: in bubblewrap, or for one's own code as a plain process.

Inside there is /usr and Python's own folder without its site-packages, NumPy and the staged
submission; no network, no /proc, no other process, no capability, no environment. All of it is
read-only, but for a notebook's small /tmp. Each flag is explained in docs/threat-model.md.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from autograder.sandbox import cgroup, seccomp
from autograder.sandbox.cgroup import Group
from autograder.sandbox.mounts import ENGINE, mounts

WORKER = ENGINE / "worker" / "worker.py"
INSTALL = "sudo apt-get install bubblewrap libseccomp2, and pip install pyseccomp"
SITE = "/site"  # where packages lie inside
TMP_BYTES, TMP_FILES = 16 << 20, 1024  # of a notebook's /tmp
# bubblewrap can't bound the number of files, so /tmp is mounted before it starts, in a namespace
# of its own: over /sys, of which nothing is needed.
MOUNT_TMP = f"mount -t tmpfs -o nosuid,nodev,size={TMP_BYTES},nr_inodes={TMP_FILES} tmpfs /sys"
BOUNDED = ("unshare", "--map-root-user", "--mount", "sh", "-c", f'{MOUNT_TMP} && exec "$@"', "sh")
JOIN = ("sh", "-c", 'echo $$ >"$0" && exec "$@"')  # a cgroup, by its file cgroup.procs
# One thread: a worker is a single process, and results don't depend on the number of cores.
ENVIRONMENT = {
    **{f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")},
    **{"LANG": "C.UTF-8", "HOME": "/tmp", "PATH": "/usr/bin"},
}
ISOLATION = (
    *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
    *("--cap-drop", "ALL", "--uid", "65534", "--gid", "65534", "--hostname", "sandbox"),
)


class SandboxError(Exception):
    """No sandbox can be had on this machine; the message says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """What one worker may use. Times are generous: they are for loops without an end."""

    check_seconds: float = 10.0  # wall clock, for one check
    training_seconds: float = 60.0  # wall clock, for a check that trains a model
    cell_seconds: float = 60.0  # wall clock, for one cell of a notebook
    total_seconds: float = 180.0  # wall clock, for a submission
    notebook_seconds: float = 240.0  # wall clock, for all of a notebook's cells and checks
    memory: int = 2 << 30  # bytes of address space
    file_bytes: int = 1 << 20  # of one file in /tmp
    files: int = 64  # open at once

    def resources(self) -> dict[str, int]:
        """The limits that the worker sets on itself, by their names in `resource`."""
        limits = {
            "RLIMIT_AS": self.memory,
            "RLIMIT_CPU": int(self.total_seconds) + 30,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": self.files,
            "RLIMIT_CORE": 0,
        }
        return limits | ({"RLIMIT_NPROC": 0} if sys.platform == "linux" else {})


class Launch(msgspec.Struct):
    """A command that starts a worker, its environment, and file descriptors for it to inherit.

    Attributes:
        group: the cgroup that the command joins; whoever ends the worker removes it.
    """

    command: list[str]
    environment: dict[str, str]
    descriptors: list[int] = []
    group: Group | None = None

    def close(self) -> None:
        """Close this process's copies of the descriptors, once the worker has started."""
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors.clear()


def plain(root: Path, limits: Limits) -> Launch:
    """A worker as an ordinary subprocess: for one's own code, on any system."""
    system = {k: v for k, v in os.environ.items() if k in ("SYSTEMROOT", "LD_LIBRARY_PATH")}
    return Launch(
        [sys.executable, *arguments(str(WORKER), str(root), str(numpy_folder()), limits)],
        ENVIRONMENT | system,
    )


def sandboxed(
    root: Path, limits: Limits, packages: Sequence[str] = (), hidden: Sequence[Path] = ()
) -> Launch:
    """A worker in bubblewrap, which sees of the host only what it needs.

    Args:
        packages: what lies beside NumPy and is there too, as folders or files. With any, /tmp
            can be written to: matplotlib keeps its settings there, and notebooks save files.
        hidden: folders that must not be seen, such as the course with its secret.
    Raises:
        SandboxError: bubblewrap or libseccomp is missing or not allowed here.
    """
    if reason := unavailable():
        raise SandboxError(reason)
    python = Path(sys.executable).resolve()
    numpy = numpy_folder()
    options = [*ISOLATION, *tmp(bool(packages)), *mounts(python, hidden)]
    for name in ("numpy", "numpy.libs", *packages):
        options += ["--ro-bind-try", str(numpy / name), f"{SITE}/{name}"]
    options += ["--ro-bind", str(root), "/course", "--ro-bind", str(WORKER), "/grader/worker.py"]
    options += ["--chdir", "/tmp", "--remount-ro", "/"]
    for name, value in ENVIRONMENT.items():
        options += ["--setenv", name, value]
    filter_fd = as_descriptor(seccomp.program(writes=bool(packages)))
    options += ["--seccomp", str(filter_fd)]
    # The options go through a descriptor: a command line can be read by other users.
    options_fd = as_descriptor(b"".join(option.encode() + b"\0" for option in options))
    worker = arguments("/grader/worker.py", "/course", SITE, limits)
    command = [str(shutil.which("bwrap")), "--args", str(options_fd), "--", str(python), *worker]
    if packages and files_are_bounded():
        command = [*BOUNDED, *command]
    if group := cgroup.make(limits.memory):
        command = [*JOIN, str(group.procs), *command]
    return Launch(command, {}, [filter_fd, options_fd], group)


def tmp(writable: bool) -> list[str]:
    """/tmp, which lies below whatever is shown of the host's: an empty folder, or a small disk."""
    if not writable:
        return ["--dir", "/tmp"]
    if files_are_bounded():
        return ["--bind", "/sys", "/tmp"]
    return ["--size", str(TMP_BYTES), "--tmpfs", "/tmp"]


def arguments(worker: str, root: str, numpy: str, limits: Limits) -> list[str]:
    """The interpreter's arguments: isolated from the environment, without site-packages."""
    return ["-I", "-S", "-B", worker, root, numpy, json.dumps(limits.resources())]


@lru_cache(maxsize=1)
def numpy_folder() -> Path:
    """The folder that holds the package numpy (found without importing it)."""
    spec = importlib.util.find_spec("numpy")
    if spec is None or spec.origin is None:
        raise SandboxError("NumPy is not installed: pip install numpy")
    return Path(spec.origin).parent.parent


def as_descriptor(data: bytes) -> int:
    """An inheritable file in memory that holds `data`, positioned at its start."""
    descriptor = os.memfd_create("sandbox")
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.set_inheritable(descriptor, True)
    return descriptor


@lru_cache(maxsize=1)
def unavailable() -> str:
    """Why no sandbox can be had here, or an empty string."""
    if shutil.which("bwrap") is None:
        return f"bubblewrap (bwrap) is not installed: {INSTALL}"
    try:
        seccomp.program()
    except (ImportError, OSError, RuntimeError) as error:
        return f"the system-call filter can't be made ({error}): {INSTALL}"
    complaint = trial((), ())
    if complaint is None:
        return ""
    return (
        f"bubblewrap doesn't start here: {complaint[:300]}. "
        "User namespaces must be allowed: see docs/threat-model.md."
    )


@lru_cache(maxsize=1)
def files_are_bounded() -> bool:
    """Whether a notebook's /tmp can be one with a bounded number of files."""
    return trial(BOUNDED, ("--bind", "/sys", "/tmp")) is None


def trial(before: Sequence[str], options: Sequence[str]) -> str | None:
    """Start bubblewrap on nothing; what it complains of, or None if it starts."""
    command = [*before, str(shutil.which("bwrap")), *ISOLATION, "--ro-bind", "/", "/", *options]
    command += ["--", "/bin/sh", "-c", ":"]
    result = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    return result.stderr.strip() if result.returncode else None
