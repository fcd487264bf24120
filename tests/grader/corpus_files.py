"""Submissions that aren't plain files of Python, or bring more along than was asked for."""

from __future__ import annotations

import os
from pathlib import Path

from grader_corpus import HONEST, PLACE, Case, honest

ELSEWHERE = f"# {PLACE}/course/solutions/week_1/linear.py"  # how `make` learns where to point


def solution(text: str) -> Path:
    """The solution's path, from the last line of a submission's text."""
    return Path(text.strip().splitlines()[-1].removeprefix("# "))


def symbolic_link(folder: Path, text: str) -> None:
    (folder / "linear.py").symlink_to(solution(text))


def hard_link(folder: Path, text: str) -> None:
    (folder / "linear.py").hardlink_to(solution(text))


def linked_folder(folder: Path, text: str) -> None:
    (folder / "week_1").symlink_to(solution(text).parent)


def nothing(folder: Path, text: str) -> None:
    pass


def fifo(folder: Path, text: str) -> None:
    os.mkfifo(folder / "linear.py")


def device(folder: Path, text: str) -> None:
    (folder / "linear.py").symlink_to("/dev/zero")


def directory(folder: Path, text: str) -> None:
    (folder / "linear.py").mkdir()


def huge(folder: Path, text: str) -> None:
    with (folder / "linear.py").open("wb") as file:
        file.truncate(1 << 40)


def null(folder: Path, text: str) -> None:
    (folder / "linear.py").write_text(text + "\0", encoding="utf-8")


def latin_1(folder: Path, text: str) -> None:
    (folder / "linear.py").write_bytes(text.encode() + "# à".encode("latin-1"))


def companions(folder: Path, text: str) -> None:
    """Everything that somebody could hope would be loaded, next to files that are right."""
    evil = "raise SystemExit('loaded')\n"
    for name in (
        *("conftest.py", "sitecustomize.py", "usercustomize.py", "numpy.py", "json.py", "os.py"),
        *("test_linear.py", "__init__.py", "week_1.py", "pytest.py", "msgspec.py", "given.py"),
    ):
        (folder / name).write_text(evil)
    for name in ("given", "numpy", "checks", "week_2", "autograder", ".git"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(evil)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (folder / "pyproject.toml").write_text("broken [")
    (folder / "week_1.pth").write_text("import os; os._exit(0)\n")
    (folder / "linear.py").write_text(text, encoding="utf-8")


CASES = (
    Case("symbolic-link", ELSEWHERE, verdict="error", says="a link", make=symbolic_link),
    Case("hard-link", ELSEWHERE, verdict="error", says="hard link", make=hard_link),
    Case("linked-folder", ELSEWHERE, says="saw week_1 (a link)", make=linked_folder, found=False),
    Case("nothing", says="no file of week 1 found", make=nothing, found=False),
    Case("fifo", verdict="error", says="not a regular file", make=fifo),
    Case("device", verdict="error", says="a link", make=device),
    Case("directory", verdict="error", says="not a regular file", make=directory),
    Case("huge-file", verdict="error", says="larger than 256 KB", make=huge),
    Case("null-character", verdict="error", says="NUL", make=null, base=HONEST),
    Case("latin-1", verdict="error", says="not UTF-8", make=latin_1, base=HONEST),
    Case("empty-file", "", base="", verdict="error", says="no attribute 'Linear'"),
    Case("broken-syntax", "def (", HONEST, verdict="error", says="SyntaxError"),
    Case("broken-import", "import nowhere", HONEST, verdict="error", says="No module named"),
    honest("brings-friends", make=companions, code=""),
    Case("brings-friends-with-zeros", make=companions),
)
