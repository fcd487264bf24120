"""Who handed in: folders, zips, and the downloads of Moodle, Canvas and nbgrader."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from autograder.options import InputError
from autograder.results import OURS
from autograder.submission import roster
from autograder.submission.finding import NothingFound, find
from course.config import Course


def write(folder: Path, *names: str) -> Path:
    """Files, or zips of a linear.py, that hold their own names."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".zip":
            with zipfile.ZipFile(path, "w") as file:
                file.writestr("week_1/linear.py", name)
        else:
            path.write_bytes(os.fsencode(name))
    return folder


def contents(course: Course, folder: Path) -> dict[str, str]:
    """What each student's linear.py holds."""
    week = course.week(1)
    return {
        one.name: find(one, week).read("linear.py", 200).decode()
        for one in roster.read(folder).submissions
    }


def same(*names: str, by: int = 0) -> dict[str, str]:
    return {name.split("/")[by]: name for name in names}


def test_folder_or_zip_of_each_student(course: Course, tmp_path: Path) -> None:
    write(tmp_path, "ada/week_1/linear.py", "ben/linear.py", "cleo.zip", "dan/work.zip")
    assert contents(course, tmp_path) == {
        "ada": "ada/week_1/linear.py",
        "ben": "ben/linear.py",
        "cleo": "cleo.zip",
        "dan": "dan/work.zip",
    }
    assert [] == roster.read(tmp_path).skipped


def test_download_from_moodle(course: Course, tmp_path: Path) -> None:
    write(
        tmp_path,
        "Ada Lovelace_123_assignsubmission_file_/linear.py",
        "Ada Lovelace_124_assignsubmission_file_/week1.zip",
        "Ada Lovelace_123_assignsubmission_onlinetext_/onlinetext.html",
        "Ben Ox_125_assignsubmission_file/linear.py",
        "Cleo X_126_assignsubmission_file_linear.py",
        "Dan Y_127_assignsubmission_file_work.zip",
    )
    assert contents(course, tmp_path) == {
        "Ada Lovelace_123": "Ada Lovelace_123_assignsubmission_file_/linear.py",
        "Ada Lovelace_124": "Ada Lovelace_124_assignsubmission_file_/week1.zip",
        "Ben Ox_125": "Ben Ox_125_assignsubmission_file/linear.py",
        "Cleo X_126": "Cleo X_126_assignsubmission_file_linear.py",
        "Dan Y_127": "Dan Y_127_assignsubmission_file_work.zip",
    }
    assert ["Ada Lovelace_123_assignsubmission_onlinetext_"] == [
        text.partition(":")[0] for text in roster.read(tmp_path).skipped
    ]


def test_student_who_only_typed_into_moodle_has_a_row(course: Course, tmp_path: Path) -> None:
    write(tmp_path, "Ada_1_assignsubmission_onlinetext_/onlinetext.html")
    (only,) = roster.read(tmp_path).submissions
    assert "Ada_1" == only.name
    with pytest.raises(NothingFound, match=r"saw onlinetext\.html"):
        find(only, course.week(1))


def test_download_from_canvas(course: Course, tmp_path: Path) -> None:
    write(
        tmp_path,
        "lovelaceada_12345_67890_linear.py",
        "lovelaceada_12345_67891_exercise.ipynb",
        "lovelaceada_12346_67892_linear-2.py",
        "oxben_LATE_12347_67893_week1.zip",
    )
    assert contents(course, tmp_path) == {
        "lovelaceada_12345": "lovelaceada_12345_67890_linear.py",
        "lovelaceada_12346": "lovelaceada_12346_67892_linear-2.py",
        "oxben_12347": "oxben_LATE_12347_67893_week1.zip",
    }
    ada, _, ben = roster.read(tmp_path).submissions
    assert b"exercise" in find(ada, course.week(1)).read("exercise.ipynb", 100)
    assert () == find(ada, course.week(1)).notes
    assert (roster.LATE,) == find(ben, course.week(1)).notes


def test_last_attempt_counts_and_the_others_are_named(course: Course, tmp_path: Path) -> None:
    names = ("ada_1_2_linear-10.py", "ada_1_3_linear.py", "ada_1_4_linear-9.py")
    write(tmp_path, *names)
    assert contents(course, tmp_path) == {"ada_1": names[0]}
    skipped = roster.read(tmp_path).skipped
    assert {f"{name}: there is a later attempt" for name in names[1:]} == set(skipped)


def test_folder_and_zip_of_the_same_student_are_one(course: Course, tmp_path: Path) -> None:
    write(tmp_path, "ada/week_1/linear.py", "ada.zip", "ben/notes.txt", "ben.zip")
    ada, ben = roster.read(tmp_path).submissions
    found = find(ada, course.week(1))
    assert "ada/week_1/linear.py" == found.read("linear.py", 200).decode()
    assert any("not as in ada.zip" in note for note in found.notes), found.notes
    assert "ben.zip" == find(ben, course.week(1)).read("linear.py", 200).decode()


def test_untouched_release_in_a_folder_does_not_hide_the_work_in_the_zip(
    course: Course, tmp_path: Path
) -> None:
    handed_in = write(tmp_path / "class", "ada/week_1/linear.py", "ada.zip")
    released = write(tmp_path / "released", "linear.py")
    (handed_in / "ada/week_1/linear.py").write_text("linear.py")
    (ada,) = roster.read(handed_in).submissions
    found = find(ada, course.week(1), released)
    assert "ada.zip" == found.read("linear.py", 200).decode()


def test_submitted_beside_students_is_a_student_and_not_nbgraders(
    course: Course, tmp_path: Path
) -> None:
    write(tmp_path, "submitted/week_1/linear.py", "ada/linear.py")
    assert contents(course, tmp_path) == {
        "ada": "ada/linear.py",
        "submitted": "submitted/week_1/linear.py",
    }


@pytest.mark.parametrize("inside", [True, False])
def test_nbgraders_folders(course: Course, tmp_path: Path, inside: bool) -> None:
    write(tmp_path, "submitted/ada/week_1/linear.py", "submitted/ben/week_1/linear.py")
    write(tmp_path, "submitted/ada/week_2/conv.py", "source/week_1/linear.py", "gradebook.db")
    folder = tmp_path / "submitted" if inside else tmp_path
    names = ("submitted/ada/week_1/linear.py", "submitted/ben/week_1/linear.py")
    assert same(*names, by=1) == contents(course, folder)


def test_what_is_passed_over_is_named_with_its_reason(tmp_path: Path) -> None:
    write(tmp_path, "ada/linear.py", ".git/x", "_old/linear.py", "README.md", "ada.rar")
    (tmp_path / "link").symlink_to(tmp_path / "ada")
    (tmp_path / "dangling").symlink_to("nowhere")
    found = roster.read(tmp_path)
    assert ["ada"] == [one.name for one in found.submissions]
    assert {
        ".git: hidden",
        "README.md: neither a folder nor a zip",
        "_old: its name begins with _",
        "ada.rar: there is something better of the same student",
        "dangling: a link",
        "link: a link",
    } == set(found.skipped)


def test_archive_of_another_kind_is_a_row_and_no_silent_gap(course: Course, tmp_path: Path) -> None:
    write(tmp_path, "ben.rar", "cleo.tar.gz", "dan/work.7z")
    found = roster.read(tmp_path).submissions
    assert ["ben", "cleo.tar", "dan"] == [one.name for one in found]
    for one in found[:2]:
        with pytest.raises(NothingFound, match="is packed in a way that isn't read"):
            find(one, course.week(1))
    with pytest.raises(NothingFound, match=r"saw work\.7z"):
        find(found[2], course.week(1))


def test_what_the_grader_wrote_is_no_student(tmp_path: Path) -> None:
    write(tmp_path, "ada/linear.py")
    write(
        tmp_path,
        *(f"{place}/{OURS}" for place in ("a", "b/private", "c/week_1", "d/week_2/private")),
    )
    found = roster.read(tmp_path)
    assert ["ada"] == [one.name for one in found.submissions]
    assert [f"{name}: results of the grader's, which it wrote here earlier" for name in "abcd"] == (
        found.skipped
    )


def test_student_with_a_mark_of_the_graders_is_a_student(tmp_path: Path) -> None:
    write(tmp_path, "ada/linear.py", f"ada/{OURS}", f"ben/week_1/{OURS}", "ben/mine/Linear.PY")
    found = roster.read(tmp_path)
    assert (["ada", "ben"], []) == ([one.name for one in found.submissions], found.skipped)


def test_names_that_look_alike_are_students_of_their_own(tmp_path: Path) -> None:
    names = ["ada", "Ada", "ada ", "ada\u200b", "ada\udcff", "a" * 250]
    write(tmp_path, *(f"{name}/linear.py" for name in names))
    assert sorted(names) == [one.name for one in roster.read(tmp_path).submissions]


def test_names_of_what_is_passed_over_are_harmless(tmp_path: Path) -> None:
    write(tmp_path, "ada/linear.py", "\x1b[2J\n\udcff.txt")
    assert ["[2J .txt: neither a folder nor a zip"] == roster.read(tmp_path).skipped


@pytest.mark.parametrize("name", ["nothing", "a file", "empty"])
def test_folder_without_submissions_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="it must hold one folder per student"):
        roster.read(tmp_path / name)
