"""Folders in which a student's files may lie: on disk, among those of other students, in a zip."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec

from autograder.options import InputError
from autograder.submission.intake import read_bytes, unreadable
from autograder.submission.zipped import Reader, ignored


class Listing(msgspec.Struct):
    """What lies in a folder: hidden entries are left out, links stand among the files."""

    folders: dict[str, Folder] = {}
    files: dict[str, Reader] = {}
    zips: dict[str, Path] = {}
    links: list[str] = []  # names that aren't followed

    def add_file(self, name: str, path: Path) -> None:
        self.files[name] = partial(read_bytes, path)
        if name.lower().endswith(".zip"):
            self.zips[name] = path

    def shown(self) -> list[str]:
        names = [f"{name}/" for name in self.folders]
        names += [f"{n} (a link)" if n in self.links else n for n in self.files]
        return names + [f"{n} (leads out of the zip)" for n in self.links if n not in self.files]


class Folder(Protocol):
    """A folder of a submission; `label` is how it is called in notes."""

    @property
    def label(self) -> str: ...

    def look(self) -> Listing: ...


class OnDisk(msgspec.Struct, frozen=True):
    path: Path
    label: str = ""

    def look(self) -> Listing:
        listing = Listing()
        try:
            with os.scandir(self.path) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            raise InputError(unreadable(self.label or self.path.name, error)) from None
        for entry in entries:
            name = entry.name
            if ignored(name):
                continue
            # A folder that is called like a file of the week is refused, not passed over.
            if entry.is_dir(follow_symlinks=False) and not name.endswith((".py", ".ipynb")):
                listing.folders[name] = OnDisk(self.path / name, f"{self.label}{name}/")
                continue
            if entry.is_symlink():
                listing.links.append(name)
            listing.add_file(name, self.path / name)
        return listing


class Flat(msgspec.Struct, frozen=True):
    """Some files of a folder, which holds those of other students too."""

    path: Path
    files: tuple[tuple[str, str], ...]
    label: str = ""

    def look(self) -> Listing:
        listing = Listing()
        for name, stored in self.files:
            listing.add_file(name, self.path / stored)
        return listing


class Zipped(msgspec.Struct, frozen=True):
    """A folder of a zip: the members whose names begin with `prefix`."""

    label: str
    members: dict[str, Reader]
    unsafe: list[str]
    prefix: str = ""

    def look(self) -> Listing:
        listing = Listing(links=list(self.unsafe))
        for path, read in self.members.items():
            if not path.startswith(self.prefix):
                continue
            name, below, _ = path[len(self.prefix) :].partition("/")
            if below:
                label, prefix = f"{self.label}{name}/", f"{self.prefix}{name}/"
                listing.folders[name] = Zipped(label, self.members, [], prefix)
            else:
                listing.files[name] = read
        return listing
