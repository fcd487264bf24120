"""Another course, in a folder of its own, with the engine installed beside this Python."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from courses_run import program

from course.trust import trust

collect_ignore = ["clustering"]  # its checks are no tests of ours
CLUSTERING = Path(__file__).parent / "clustering"


@pytest.fixture(scope="session")
def clustering(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the course, built and committed to a repository of its own."""
    root = tmp_path_factory.mktemp("another") / "course"
    shutil.copytree(CLUSTERING, root, ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".gitignore").write_text(".course-secret\n.cache/\nresults/\nreports/\n__pycache__/\n")
    trust(root)
    program(root, "git", "init", "--quiet", "--initial-branch", "main")
    built = program(root, "release", "build", "all")
    assert 0 == built.returncode, built.stderr
    program(root, "git", "add", "--all")
    program(root, "git", "commit", "--quiet", "--message", "the course")
    return root


@pytest.fixture
def own(clustering: Path, tmp_path: Path) -> Path:
    """A copy of the course without its repository, to be changed."""
    root = tmp_path / "course"
    shutil.copytree(clustering, root, ignore=shutil.ignore_patterns(".git"))
    trust(root)
    return root
