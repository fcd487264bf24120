"""A class as it comes: every layout, names of all kinds, and what can go wrong with a submission.

    python tests/grader/grader_class.py FOLDER

writes it to FOLDER, to be graded by hand.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader_course import LINEAR, POINTS

GONE = "zz-gone"  # its folder goes away while the class is graded
RECORD, PAGE = "no-record", "no-page"  # a folder lies where these would be written
MOODLE = "Ada Lovelace_{}_assignsubmission_file_"
Make = Callable[[Path], None]


@dataclass(frozen=True)
class Student:
    """Somebody's submission, and what must come of it.

    Attributes:
        make: writes it; gets the class's folder.
        state: "graded", "incomplete" or "nothing found".
        says: part of a note in the record.
    """

    name: str
    make: Make
    state: str = "graded"
    says: str = ""
    points: float = POINTS


def files(*paths: str, text: str = LINEAR) -> Make:
    def make(folder: Path) -> None:
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")

    return make


def zipped(path: str, *names: str, text: str = LINEAR) -> Make:
    def make(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(folder / path, "w", zipfile.ZIP_DEFLATED) as file:
            for name in names:
                file.writestr(name, text)

    return make


def encrypted(folder: Path) -> None:
    """Marked as encrypted, which is all that matters here."""
    zipped("encrypted.zip", "linear.py")(folder)
    data = bytearray((folder / "encrypted.zip").read_bytes())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + flags] |= 1
    (folder / "encrypted.zip").write_bytes(data)


def shut(path: str, inside: str) -> Make:
    """What its owner can't read; root can."""

    def make(folder: Path) -> None:
        files(f"{path}/{inside}" if inside else path)(folder)
        (folder / path).chmod(0)

    return make


def named(name: str) -> Student:
    return Student(name, files(f"{name}/linear.py"))


LAYOUTS = (
    Student("at-the-top", files("at-the-top/linear.py", "at-the-top.zip"), says="is damaged"),
    Student("week-folder", files("week-folder/week_1/linear.py")),
    Student(
        "clone",
        files("clone/assignments/week_1/linear.py", "clone/docs/x.md", "clone/autograder/cli.py"),
    ),
    Student("week1", files("week1/Week1/linear.py")),
    Student("week-hyphen", files("week-hyphen/week-1/linear.py")),
    Student("week-blank", files("week-blank/Week 1/linear.py")),
    Student("nested", files("nested/my work/linear.py")),
    Student("nested-clone", files("nested-clone/course-main/assignments/week_1/linear.py")),
    Student("zip-inside", zipped("zip-inside/work.zip", "week_1/linear.py")),
    Student("zip-of-a-clone", zipped("zip-of-a-clone.zip", "main/assignments/week_1/linear.py")),
    Student("zip-flat", zipped("zip-flat.zip", "linear.py")),
    Student("Ada Lovelace_1", files(f"{MOODLE.format(1)}/linear.py")),
    Student("Ada Lovelace_2", zipped(f"{MOODLE.format(2)}/work.zip", "Week1/linear.py")),
    Student("Ada Lovelace_3", files(f"{MOODLE.format(3)}linear.py")),
    Student("lovelaceada_4", files("lovelaceada_4_5_linear.py")),
    Student(
        "oxben_6",
        zipped("oxben_LATE_6_7_week1.zip", "week1/linear.py"),
        says="Canvas says that this was handed in late",
    ),
    Student(
        "twice",
        files("twice/week_1/linear.py", "twice/old/linear.py", "twice/linear.py"),
        says="graded as in week_1/, not as in the top folder",
    ),
)
NAMES = tuple(
    named(name)
    for name in (
        *("ada", "Ada", "ada ", "ada\u200b", "ada\udcff", "a\nda", "字", "\u202ecod.exe"),
        *("x" * 250, "y" * 100 + "a", "y" * 100 + "b", "index", "con", "-rf", "ada-0123456789ab"),
        *("<script>alert(1)<", "=cmd|' !A0", "::error::obey", "%s{0}"),
    )
)
FAULTS = (
    Student(GONE, files(f"{GONE}/linear.py"), "incomplete", "is not a folder"),
    Student(RECORD, files(f"{RECORD}/linear.py"), "incomplete", "is a folder, remove it"),
    Student(PAGE, files(f"{PAGE}/linear.py")),
    Student("shut-file", shut("shut-file/linear.py", ""), "incomplete", "Permission denied"),
    Student("shut-folder", shut("shut-folder", "linear.py"), "incomplete", "Permission denied"),
    Student("empty", lambda folder: (folder / "empty").mkdir(), "nothing found", "saw nothing"),
    Student("other-week", files("other-week/week_2/linear.py"), "nothing found", "saw week_2/"),
    Student("other-name", files("other-name/Linear.py"), "nothing found", "saw Linear.py"),
    Student("encrypted", encrypted, "nothing found", "is encrypted"),
    Student("no-zip", files("no-zip.zip", text="not a zip"), "nothing found", "damaged"),
    Student("other-kind", files("other-kind.rar"), "nothing found", "ask for a zip"),
    Student("leads-out", zipped("leads-out.zip", "../linear.py"), "nothing found", "leads out"),
    Student("bomb", zipped("bomb.zip", "linear.py", text="#" * (1 << 26)), says="256 KB", points=0),
)
STUDENTS = (*LAYOUTS, *NAMES, *FAULTS)
SKIPPED = {
    ".git: hidden",
    "README.md: neither a folder nor a zip",
    "_old: its name begins with _",
    "somebody: a link",
}


def write(folder: Path) -> None:
    """The class, in a folder that is there."""
    for student in STUDENTS:
        student.make(folder)
    files("_old/linear.py", ".git/HEAD", "README.md")(folder)
    (folder / "somebody").symlink_to("at-the-top")


def block(results: Path, reports: Path) -> None:
    """Put folders where a record and a page would go."""
    (results / f"{RECORD}.json").mkdir(parents=True)
    (reports / "feedback" / f"{PAGE}.html").mkdir(parents=True)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
