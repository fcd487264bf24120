"""Trees of git, written in an index that nobody else sees: no file on disk changes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from course.errors import CourseError
from release.git import Git


class Entry(NamedTuple):
    """A file in a tree: 100644 or 100755, and the id of its content."""

    mode: str
    blob: str


Tree = dict[str, Entry]  # by path


def read(git: Git, commit: str, *folders: str) -> Tree:
    """The files of a commit, all or those in these folders."""
    found: Tree = {}
    for line in git.paths("ls-tree", "-r", "-z", commit, "--", *folders):
        about, _, path = line.partition("\t")
        mode, _, blob = about.split(" ")
        found[path] = Entry(mode, blob)
    return found


def from_disk(git: Git, files: Mapping[str, Path]) -> Tree:
    """Store these files, byte for byte.

    Raises:
        CourseError: one is no regular file.
    """
    special = [path for path, file in files.items() if file.is_symlink() or not file.is_file()]
    if special:
        raise CourseError(*(f"{path}: not a regular file. Copy it instead." for path in special))
    return {
        path: Entry("100755" if os.access(file, os.X_OK) else "100644", blob)
        for (path, file), blob in zip(
            files.items(), _stored(git, list(files.values())), strict=True
        )
    }


def from_bytes(git: Git, files: Mapping[str, bytes]) -> Tree:
    """Store these contents."""
    return {
        path: Entry("100644", git.text("hash-object", "-w", "--stdin", stdin=content))
        for path, content in files.items()
    }


def write(git: Git, tree: Tree) -> str:
    """The id of a tree with these files."""
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        own = Git(git.root, {"GIT_INDEX_FILE": str(Path(folder) / "index")})
        listing = "".join(f"{mode} {blob}\t{path}\0" for path, (mode, blob) in tree.items())
        own.raw(
            "update-index", "-z", "--index-info", stdin=listing.encode(errors="surrogateescape")
        )
        return own.text("write-tree")


def _stored(git: Git, files: list[Path]) -> list[str]:
    """The ids of the files' contents, by one process for all of them."""
    odd = [file for file in files if "\n" in str(file)]
    if odd:
        raise CourseError(*(f"{str(file)!r}: a line break in its name. Rename it." for file in odd))
    names = "".join(f"{file.absolute()}\n" for file in files)
    stdin = names.encode(errors="surrogateescape")
    return git.text("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=stdin).split()
