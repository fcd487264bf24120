"""A whole term as a script: an instructor publishes week after week, a student merges, writes."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from course.config import Course, load_course
from release import answers, branches
from release.answers import answer_files
from release.git import Git
from release.publish import PACKAGES, ROOT_FILES, STUDENTS, publish

ROOT = Path(__file__).parents[2]
COURSE = (*PACKAGES, *ROOT_FILES, STUDENTS, "solutions", "assignments")
SOMEBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A. Person"), ("EMAIL", "person@example.org"))
}
ENVIRONMENT = {
    **os.environ,
    **SOMEBODY,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def git(folder: Path, *arguments: str, succeeds: bool = True) -> str:
    """What git prints; what it says when it fails, where that is expected."""
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is succeeds, done.stdout + done.stderr
    return (done.stdout + ("" if succeeds else done.stderr)).strip()


def instructors(folder: Path) -> Course:
    """This course in a repository of its own, as far as branches are made of it."""
    for name in COURSE:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "the course")
    return load_course(folder)


def give_out(course: Course, number: int) -> None:
    """The answers of a week, as `release answer` publishes them."""
    commit = answers.prepare(course, number)
    branches.point(Git(course.root), branches.answer(number), commit)


@dataclass
class Student:
    """A clone, in which somebody works on a branch of their own."""

    folder: Path
    merged: list[str] = field(default_factory=list)  # what git said

    @classmethod
    def clone(cls, origin: Path, folder: Path) -> Student:
        folder.parent.mkdir(parents=True, exist_ok=True)
        git(
            origin,
            "clone",
            "--quiet",
            "--branch",
            "week_1_exercise",
            f"file://{origin}",
            str(folder),
        )
        git(folder, "switch", "--quiet", "--create", "my-work")
        return cls(folder)

    def next_week(self, branch: str) -> None:
        git(self.folder, "fetch", "--quiet")
        self.merged.append(git(self.folder, "merge", "--no-edit", f"origin/{branch}"))

    def fill(self, course: Course, number: int) -> None:
        """Write what the week asks for, and commit it."""
        for path, content in answer_files(course, number).items():
            name = Path(path).name
            if name != "__init__.py":
                (self.folder / f"assignments/week_{number}" / name).write_bytes(content)
        git(self.folder, "commit", "--quiet", "--all", "--message", f"week {number}")

    def own(self, number: int) -> dict[str, bytes]:
        """What stands in a week's modules."""
        files = (self.folder / f"assignments/week_{number}").glob("*.py")
        return {file.name: file.read_bytes() for file in files}


@dataclass
class Term:
    """All weeks, one after the other."""

    course: Course
    student: Student
    written: dict[int, dict[str, bytes]] = field(default_factory=dict)  # as it was handed in
    readmes: dict[int, str] = field(default_factory=dict)  # of the checkout, in each week


def correct(course: Course, old: str, new: str) -> None:
    """A correction of week 1, in the handout and in a file that students fill."""
    week = course.assignments / "week_1"
    for file, before, after in (
        (week / "linear.py", old, new),
        (week / "README.md", "# Week 1: the basis", "# Week 1: the basis (corrected)"),
    ):
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after, 1), encoding="utf-8")


def run(folder: Path) -> Term:
    """A term: a correction of week 1 comes after week 2, the answers of week 1 before week 4."""
    course = instructors(folder / "instructor")
    weeks = course.written
    publish(course, 1)
    student = Student.clone(course.root, folder / "내 과제 (복사본)" / "딥러닝 1")
    term = Term(course, student)
    for number in weeks:
        if number > 1:
            publish(course, number)
            student.next_week(branches.exercise(number))
        term.readmes[number] = (student.folder / "README.md").read_text(encoding="utf-8")
        student.fill(course, number)
        term.written[number] = student.own(number)
        if number == 2:
            correct(course, '"""', '"""Corrected. ')
            publish(course, 1)
        if number == 3:
            give_out(course, 1)
    return term
