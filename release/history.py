"""Looking for secrets in everything that can be reached from the exercise branches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from course import catalogue, equivalents, near_stubs
from release.git import Git
from release.leaks import Secrets, find

FORBIDDEN_FOLDERS = ("solutions/", "examples/")
FORBIDDEN_NAMES = (catalogue.FILE, equivalents.FILE, near_stubs.FILE, ".course-secret")
_ADVICE = "Delete the branch, here and where it was pushed, and publish again."


def find_in_history(git: Git, refs: list[str], secrets: Secrets) -> list[str]:
    """A message for every secret line or file that ever was in the history of these refs."""
    found = []
    for ref in refs:
        problems = list(_shared_history(git, ref)) or _contents_problems(git, ref, secrets)
        found += [f"{_short(ref)}: {problem} {_ADVICE}" for problem in problems]
    return found


def _contents_problems(git: Git, ref: str, secrets: Secrets) -> list[str]:
    found = [problem for path, blob in _blobs(git, ref) for problem in find(path, blob, secrets)]
    return [*_forbidden_paths(git, ref), *found]


def _shared_history(git: Git, ref: str) -> Iterator[str]:
    head = git.text("rev-parse", "--abbrev-ref", "HEAD") if _has_commits(git) else None
    if head and git.succeeds("merge-base", "HEAD", ref):
        yield f"shares commits with {head}, which holds the answers."


def _has_commits(git: Git) -> bool:
    return git.succeeds("rev-parse", "--verify", "--quiet", "HEAD")


def _forbidden_paths(git: Git, ref: str) -> Iterator[str]:
    paths = set(git.paths("log", "-m", "-z", "--format=", "--name-only", ref, "--"))
    for path in sorted(paths):
        if path.startswith(FORBIDDEN_FOLDERS) or PurePosixPath(path).name in FORBIDDEN_NAMES:
            yield f"holds {path} in its history."


def _blobs(git: Git, ref: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file version that can be reached from a ref."""
    listed = git.raw("rev-list", "--objects", ref).decode(errors="surrogateescape")
    pairs = [line.partition(" ") for line in listed.splitlines()]
    paths = {object_id: path for object_id, _, path in pairs if path}
    out = git.raw("cat-file", "--batch", stdin="\n".join(paths).encode() + b"\n") if paths else b""
    start = 0
    while start < len(out):
        end = out.index(b"\n", start)
        object_id, kind, size = out[start:end].decode().split()
        if kind == "blob":
            yield paths[object_id], out[end + 1 : end + 1 + int(size)]
        start = end + 1 + int(size) + 1


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
