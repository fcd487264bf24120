"""The week's files are found wherever a student put them; of what is there twice, one counts."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from grader_course import LINEAR

from autograder.options import InputError
from autograder.submission.finding import NothingFound, find
from autograder.submission.folders import Listing, Zipped
from autograder.submission.intake import Refused
from autograder.submission.untouched import released_files
from course.config import Course, Week, load_course

FOUND = {
    "at the top": "linear.py",
    "in the week's folder": "week_1/linear.py",
    "a clone as it is": "assignments/week_1/linear.py",
    "in the top folder of a clone": "course-main/assignments/week_1/linear.py",
    "without an underscore": "Week1/linear.py",
    "with a hyphen": "week-1/linear.py",
    "with a blank": "Week 1/linear.py",
    "with zeros": "WEEK_01/linear.py",
    "in one folder": "my work/linear.py",
    "in one folder around the week's": "my work/week_1/linear.py",
    "in three folders": "a/b/c/linear.py",
    "unpacked twice": "Week 1/week1/linear.py",
    "in a folder of the week's": "week_1/my files/linear.py",
}


def write(folder: Path, *names: str) -> Path:
    """Files that hold their own names, to tell them apart."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


@pytest.fixture
def week(course: Course) -> Week:
    return course.week(1)


def content(folder: Path, week: Week) -> str:
    return find(folder, week).read("linear.py", 100).decode()


@pytest.mark.parametrize("name", FOUND.values(), ids=FOUND)
def test_file_is_found(name: str, week: Week, tmp_path: Path) -> None:
    beside = ("README.md", ".git/linear.py", "__MACOSX/linear.py", "__pycache__/linear.py")
    found = find(write(tmp_path, name, *beside), week)
    assert name == found.read("linear.py", 100).decode()
    assert () == found.notes


@pytest.mark.parametrize(
    "name",
    [
        *("week_2/linear.py", "week_11/linear.py", "assignments/linear.py", "a/b/c/d/linear.py"),
        *("week_2/week_1/linear.py", ".hidden/linear.py", "Linear.py", "linear.py.txt"),
        *("week_1/week_2/linear.py", "linear.ipynb"),
    ],
)
def test_file_of_something_else_is_not_taken(name: str, week: Week, tmp_path: Path) -> None:
    with pytest.raises(NothingFound):
        find(write(tmp_path, name), week)


def test_folders_beside_one_another_are_not_searched(week: Week, tmp_path: Path) -> None:
    with pytest.raises(NothingFound):
        find(write(tmp_path, "a/linear.py", "b/other.py"), week)


ORDER = (
    "assignments/week_1/linear.py",
    "week_1/linear.py",
    "linear.py",
    "inner/week_1/linear.py",
    "inner/linear.py",
)


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_first_of_several_places_counts_and_the_others_are_named(
    first: int, week: Week, tmp_path: Path
) -> None:
    write(tmp_path, *ORDER[first:])
    assert ORDER[first] == content(tmp_path, week)
    notes = find(tmp_path, week).notes
    assert len(ORDER) - first - 1 == len(notes)
    for name, note in zip(ORDER[first + 1 :], notes, strict=True):
        there = name.removesuffix("linear.py") or "the top folder"
        assert note.startswith("handed in twice: linear.py; graded as in ")
        assert note.endswith(f", not as in {there}")


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """What students got: linear.py, with its stub."""
    folder = tmp_path / "released"
    folder.mkdir()
    (folder / "linear.py").write_bytes(b"# TODO\nraise\n")
    return folder


@pytest.mark.parametrize("stub", [b"# TODO\nraise\n", b"# TODO\r\nraise\r\n"])
def test_work_counts_before_the_untouched_skeleton(
    week: Week, released: Path, tmp_path: Path, stub: bytes
) -> None:
    folder = write(tmp_path / "ada", "assignments/week_1/linear.py", "Week1/linear.py")
    (folder / "Week1" / "own.py").touch()
    (folder / "assignments" / "week_1" / "linear.py").write_bytes(stub)
    found = find(folder, week, released)
    assert b"Week1/linear.py" == found.read("linear.py", 100)
    assert {"linear.py", "own.py"} == found.names
    assert (
        "handed in twice: linear.py; graded as in Week1/, not as in assignments/week_1/, "
        "where nothing was changed",
    ) == found.notes


def test_each_file_is_taken_from_where_it_was_changed(
    week: Week, released: Path, tmp_path: Path
) -> None:
    folder = write(tmp_path / "ada", "week_1/linear.py", "week_1/exercise.ipynb", "linear.py")
    write(folder, "exercise.ipynb")
    (folder / "week_1" / "linear.py").write_bytes(b"# TODO\nraise\n")
    found = find(folder, week, released)
    assert b"linear.py" == found.read("linear.py", 100)
    assert b"week_1/exercise.ipynb" == found.read("exercise.ipynb", 100)


def test_of_two_that_were_changed_or_of_two_that_were_not_the_first_counts(
    week: Week, released: Path, tmp_path: Path
) -> None:
    folder = write(tmp_path / "ada", "week_1/linear.py", "linear.py")
    assert b"week_1/linear.py" == find(folder, week, released).read("linear.py", 100)
    for name in ("week_1/linear.py", "linear.py"):
        (folder / name).write_bytes(b"# TODO\nraise\n")
    (note,) = find(folder, week, released).notes
    assert note.endswith("graded as in week_1/, not as in the top folder")


def test_students_own_folder_is_not_the_skeleton(course: Course, tmp_path: Path) -> None:
    assert course.assignments / "week_1" == released_files(course, course.week(1))
    shutil.copytree(course.root, tmp_path / "course")
    (tmp_path / "course" / "solutions").rename(tmp_path / "course" / "assignments")
    assert released_files(load_course(tmp_path / "course"), course.week(1)) is None


def test_link_in_the_first_place_is_refused_and_not_passed_over(
    week: Week, released: Path, tmp_path: Path
) -> None:
    folder = write(tmp_path / "ada", "week_1/other.py", "linear.py")
    (folder / "week_1" / "linear.py").symlink_to(released / "linear.py")
    with pytest.raises(Refused, match="not a link"):
        find(folder, week, released).read("linear.py", 100)


def test_files_that_lie_apart_are_taken_together(week: Week, tmp_path: Path) -> None:
    found = find(write(tmp_path, "week_1/linear.py", "exercise.ipynb"), week)
    assert b"week_1/linear.py" == found.read("linear.py", 100)
    assert b"exercise.ipynb" == found.read("exercise.ipynb", 100)
    assert () == found.notes


def test_message_says_what_was_looked_for_where_and_what_is_there(
    week: Week, tmp_path: Path
) -> None:
    write(tmp_path, "week_2/linear.py", "notes\x1b[2J\n.txt", ".git/x")
    (tmp_path / "week_1").symlink_to("week_2")
    with pytest.raises(NothingFound) as raised:
        find(tmp_path, week)
    assert (
        "no file of week 1 found; looked for linear.py, exercise.ipynb at the top, in week_1, "
        "assignments/week_1, in a folder around them and in zips; "
        "saw week_2/, notes[2J .txt, week_1 (a link)"
    ) == str(raised.value)
    shutil.rmtree(tmp_path / "week_2")
    (tmp_path / "week_1").unlink()
    write(tmp_path, *(f"{number:02}.txt" for number in range(50)))
    with pytest.raises(NothingFound, match=r"07\.txt, 43 more$"):
        find(tmp_path, week)


def test_empty_folder_is_said_to_be_empty(week: Week, tmp_path: Path) -> None:
    with pytest.raises(NothingFound, match=r"saw nothing$"):
        find(tmp_path, week)


def test_what_is_not_there_or_no_folder_is_no_submission(week: Week, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("nowhere", "file"):
        with pytest.raises(InputError, match="hand over the one with the week's files, or a zip"):
            find(tmp_path / name, week)


def test_names_beside_the_files_are_those_of_their_folder(week: Week, tmp_path: Path) -> None:
    write(tmp_path, "week_1/linear.py", "week_1/helpers.py", "week_1/notes.txt", "setup.py")
    assert {"linear.py", "helpers.py"} == find(tmp_path, week).names


def test_names_that_are_not_utf_8_are_no_hindrance(week: Week, tmp_path: Path) -> None:
    folder = tmp_path / "\udcff" / "w\udce9"
    folder.mkdir(parents=True)
    (folder / "linear.py").write_text(LINEAR)
    found = find(tmp_path, week)
    assert LINEAR.encode() == found.read("linear.py", 1 << 20)


def test_zip_with_folders_of_the_week_without_end_is_looked_into_for_a_while(
    week: Week, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    look = Zipped.look

    def counted(folder: Zipped) -> Listing:
        looks.append(folder.prefix)
        return look(folder)

    monkeypatch.setattr(Zipped, "look", counted)
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as file:
        for number in range(300):
            file.writestr(f"week_{'0' * number}1/linear.py", str(number))
    assert "0" == find(tmp_path / "ada.zip", week).read("linear.py", 10).decode()
    assert len(looks) < 200


def test_of_many_zips_the_first_are_looked_into(week: Week, tmp_path: Path) -> None:
    for number in range(25):
        with zipfile.ZipFile(tmp_path / f"{number:02}.zip", "w") as file:
            file.writestr("linear.py", str(number))
    found = find(tmp_path, week)
    assert "0" == found.read("linear.py", 10).decode()
    assert "25 zips are too many: the first 20 were looked into" in found.notes
