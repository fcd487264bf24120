"""Which protections are in force on this machine: shown by trying, in a worker of its own."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from autograder.notebook.running import PACKAGES
from autograder.pool import FORKSERVER
from autograder.sandbox import cgroup, launch, seccomp
from autograder.sandbox.launch import INSTALL, TMP_BYTES, TMP_FILES, Limits
from autograder.sandbox.mounts import ENGINE
from autograder.sandbox.process import WorkerCrashed, WorkerNotStarted, WorkerTimeout
from autograder.sandbox.protocol import ProtocolError
from autograder.sandbox.remote import Function
from autograder.sandbox.session import Session, StudentError

PROBE = ENGINE / "worker" / "probe.py"
WIDTH = 80
INSTRUCTOR = "make setup-instructor"


@dataclass(frozen=True)
class Finding:
    """One protection or program.

    Attributes:
        advice: what to do if it is missing.
        needed: without it, grading others' work isn't safe.
    """

    what: str
    ok: bool
    advice: str = ""
    needed: bool = True

    def __str__(self) -> str:
        """Lines of at most 80 characters."""
        word = "ok" if self.ok else "missing" if self.needed else "optional"
        text = self.what if self.ok or not self.advice else f"{self.what}: {self.advice}"
        return textwrap.fill(f"{word:8} {text}", WIDTH, subsequent_indent=" " * 9)


def examine(hidden: Sequence[Path]) -> Iterator[Finding]:
    """Look at this machine.

    Args:
        hidden: folders that a worker must not see, such as the course.
    """
    yield from sandbox()
    if not launch.unavailable():
        yield from tried(hidden)
        yield from notebook()
    yield from programs()


def sandbox() -> Iterator[Finding]:
    """What a worker is started with."""
    bwrap = shutil.which("bwrap")
    yield Finding(version_of(bwrap) if bwrap else "bubblewrap", bwrap is not None, INSTALL)
    reason = launch.unavailable()
    yield Finding("a sandbox starts (user namespaces are allowed)", not reason, reason)
    if reason:
        return
    calls, more = (len(seccomp.allowed(writes)) for writes in (False, True))
    where = platform.machine()
    yield Finding(f"{calls} system calls are allowed on {where}, to notebooks {more}", True)
    if group := cgroup.make(Limits().memory):
        group.remove()
    advice = "counts what the kernel holds, too: try `systemd-run --user --scope autograder ...`"
    yield Finding("a control group bounds memory", group is not None, advice, needed=False)
    advice = "a submission that breaks out of the sandbox would be root"
    yield Finding("an ordinary user runs the grader", os.geteuid() != 0, advice, needed=False)


def version_of(bwrap: str) -> str:
    done = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "bubblewrap"


def tried(hidden: Sequence[Path]) -> Iterator[Finding]:
    """What a module's worker was refused."""
    places = [str(folder / "course.toml") for folder in hidden]
    answer = ask("attempts", Limits().memory, places, hidden=hidden)
    if not isinstance(answer, list):
        yield Finding("a worker starts and answers", False, str(answer))
        return
    for name, error in answer:
        outcome = f"refused ({error})" if error else "NOT REFUSED: don't grade others' work here"
        yield Finding(f"a worker tried to {name}: {outcome}", bool(error))


def notebook() -> Iterator[Finding]:
    """Whether a notebook's /tmp is bounded."""
    made = ask("files", TMP_FILES, packages=PACKAGES)
    what = f"a notebook's /tmp holds {TMP_BYTES >> 20} MB, and fewer than {TMP_FILES} files"
    advice = "`unshare --map-root-user --mount` isn't allowed, so many empty files take memory"
    bounded = isinstance(made, int) and made < TMP_FILES
    yield Finding(what, bounded, advice if isinstance(made, int) else str(made), needed=False)


def ask(
    function: str, *args: Any, packages: Sequence[str] = (), hidden: Sequence[Path] = ()
) -> Any:
    """What a function of the probe returns, or the exception that kept it from that."""
    with tempfile.TemporaryDirectory(prefix="doctor-") as folder:
        shutil.copy(PROBE, folder)
        start = partial(launch.sandboxed, Path(folder), Limits(), packages, hidden)
        session = Session(start, Limits())
        session.begin_check()
        try:
            return Function(session, PROBE.stem, (function,))(*args)
        except (StudentError, WorkerCrashed, WorkerTimeout, WorkerNotStarted, ProtocolError) as bad:
            return bad
        finally:
            session.close()


def programs() -> Iterator[Finding]:
    """Python and the packages that grading takes."""
    yield Finding(f"Python {platform.python_version()}: {sys.executable}", True)
    for name, why in (
        ("numpy", "make setup"),
        ("torch", f"computes expected values: {INSTRUCTOR}"),
        ("matplotlib", f"notebooks draw with it: {INSTRUCTOR}"),
        ("nbgrader", f"releases notebooks, and grades answers by hand: {INSTRUCTOR}"),
    ):
        try:
            yield Finding(f"{name} {metadata.version(name)}", True)
        except metadata.PackageNotFoundError:
            yield Finding(name, False, why, needed=name == "numpy")
    advice = "each process of a batch imports the grader anew, which is slower"
    yield Finding("processes start from a fork server", FORKSERVER, advice, needed=False)
