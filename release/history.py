"""Looking for secrets in everything that can be reached from the branches that students see.

Every commit's files are looked at, whatever their paths, and the words of commits and tags. What
git knows and no commit holds as a file (a tag may name anything) is looked at as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from course import catalogue, equivalents, near_stubs
from course.config import ANSWERS
from release import branches, trees
from release.git import Git
from release.leaks import find
from release.secrets import Secrets

FORBIDDEN_FOLDERS = ("solutions/", "examples/")
FORBIDDEN_NAMES = (
    catalogue.FILE,
    catalogue.DEVIATIONS,
    equivalents.FILE,
    near_stubs.FILE,
    ".course-secret",
)
_ADVICE = "Delete the branch, here and where it was pushed, and publish again."
_ANSWER = re.compile(rf"{ANSWERS}/week_(\d+)/")

Place = tuple[str, str]  # the path of a file, the id of its content


class History:
    """The history of branches that students see, and what in it was given out as an answer.

    Attributes:
        given: by week, the files that its answer branch holds or ever held in answers/week_N/.
    """

    def __init__(self, git: Git, secrets: Secrets, answers: Mapping[int, str]) -> None:
        """answers: by week, a commit with answers that is about to be published."""
        self.git, self.secrets = git, secrets
        self.commits: dict[str, frozenset[Place]] = {}
        self.files: dict[Place, list[str]] = {}  # what was found in each
        self.allowing: dict[int, Secrets] = {}  # by week, what stays secret in its answers
        self.given: dict[int, set[Place]] = {}
        refs = [(re.search(r"week_(\d+)_answer$", ref), ref) for ref in branches.student_refs(git)]
        given_out = [(int(match[1]), ref) for match, ref in refs if match]
        for week, ref in (*given_out, *answers.items()):
            prefix = f"{ANSWERS}/week_{week}/"
            places = (place for place in self.places(ref) if place[0].startswith(prefix))
            self.given.setdefault(week, set()).update(places)

    def problems(self, ref: str) -> list[str]:
        """A message for every secret that ever was in the history of this branch."""
        found = list(self._shared_history(ref)) or self._problems(ref)
        advice = f" {_ADVICE}" if ref.startswith("refs/") else ""
        return [f"{_short(ref)}: {problem}{advice}" for problem in found]

    def places(self, ref: str) -> set[Place]:
        """Every file in every commit."""
        found: set[Place] = set()
        for commit in self._commits(ref):
            if commit not in self.commits:
                tree = trees.read(self.git, commit)
                self.commits[commit] = frozenset((p, e.blob) for p, e in tree.items())
            found |= self.commits[commit]
        return found

    def _problems(self, ref: str) -> list[str]:
        places = self.places(ref) | self._places_apart(ref)
        found = [problem for path, _ in sorted(places) for problem in _forbidden(path)]
        new = {blob for path, blob in places if (path, blob) not in self.files}
        contents = dict(_contents(self.git, sorted(new)))
        for path, blob in sorted(places):
            if blob in contents:
                self.files[path, blob] = self._file(path, blob, contents[blob])
            found += self.files.get((path, blob), [])
        return [*dict.fromkeys(found), *self._messages(ref)]

    def _places_apart(self, ref: str) -> set[Place]:
        """What can be reached and is in no commit: where a tag names a file, or a tree."""
        known = {blob for _, blob in self.places(ref)}
        listed = self.git.text("rev-list", "--objects", ref, "--").split("\n")
        pairs = [line.partition(" ") for line in listed if line]
        return {(path or _short(ref), one) for one, _, path in pairs if one not in known}

    def _file(self, path: str, blob: str, content: bytes) -> list[str]:
        match = _ANSWER.match(path)
        if not match:
            return find(path, content, self.secrets)
        week = int(match[1])
        if (path, blob) not in self.given.get(week, ()):
            return [f"{path}: was never given out by `release answer {week}`."]
        return find(path, content, self._beside_answers(week))

    def _beside_answers(self, week: int) -> Secrets:
        if week not in self.allowing:
            self.allowing[week] = self.secrets.beside_answers(week)
        return self.allowing[week]

    def _messages(self, ref: str) -> Iterator[str]:
        """Secrets in what commits and tags say."""
        commits = self._commits(ref)
        text = self.git.text("log", "--format=%an%n%cn%n%B", ref, "--") if commits else ""
        if self.git.text("cat-file", "-t", ref) == "tag":
            text += self.git.text("cat-file", "tag", ref)
        yield from find("its messages", text.encode(errors="replace"), self.secrets)

    def _commits(self, ref: str) -> list[str]:
        if self.git.text("cat-file", "-t", f"{ref}^{{}}") != "commit":
            return []
        return self.git.lines("rev-list", ref, "--")

    def _shared_history(self, ref: str) -> Iterator[str]:
        has_commits = self.git.succeeds("rev-parse", "--verify", "--quiet", "HEAD")
        if has_commits and self.git.succeeds("merge-base", "HEAD", ref):
            head = self.git.text("rev-parse", "--abbrev-ref", "HEAD")
            yield f"shares commits with {head}, which holds the answers."


def _forbidden(path: str) -> Iterator[str]:
    if path.startswith(FORBIDDEN_FOLDERS) or PurePosixPath(path).name in FORBIDDEN_NAMES:
        yield f"holds {path} in its history."


def _contents(git: Git, objects: list[str]) -> Iterator[tuple[str, bytes]]:
    """The contents of those of these objects that are files."""
    stdin = "".join(f"{one}\n" for one in objects).encode()
    out = git.raw("cat-file", "--batch", stdin=stdin) if objects else b""
    start = 0
    while start < len(out):
        end = out.index(b"\n", start)
        object_id, kind, *size = out[start:end].decode().split()
        length = int(size[0]) if size else -1  # "missing": a submodule's commit isn't here
        if kind == "blob":
            yield object_id, out[end + 1 : end + 1 + length]
        start = end + 1 + length + 1


def _short(ref: str) -> str:
    return re.sub("^refs/(heads|remotes|tags)/", "", ref)
