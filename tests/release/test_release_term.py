"""A student's term in one clone: every week of the course is merged, nothing written is lost."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from term import ENVIRONMENT, ROOT, SOMEBODY, Student, Term, git, give_out, instructors, run

from autograder.grading import grade
from autograder.options import Options
from autograder.results import Record, Verdict
from autograder.submission.finding import find
from course.config import Course, load_course
from release.publish import publish
from release.verify import verify_branches

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("term")]  # one term, made once
WEEKS = [
    int(name.removeprefix("week_"))
    for name in tomllib.loads((ROOT / "course.toml").read_text(encoding="utf-8"))["weeks"]
]


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*SOMEBODY, "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"):
        monkeypatch.setenv(name, ENVIRONMENT[name])


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Term:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        return run(tmp_path_factory.mktemp("term"))


@pytest.fixture(scope="module")
def checkout(term: Term) -> Course:
    """The student's clone, after the last week."""
    return load_course(term.student.folder)


def graded(course: Course, number: int) -> Record:
    chosen = Options(sandboxed=False, explain=False, accuracy=False)
    return grade(course, course.week(number), course.assignments / f"week_{number}", chosen)


def test_every_week_is_merged_without_a_conflict(term: Term) -> None:
    assert len(WEEKS) - 1 == len(term.student.merged)
    assert not any("CONFLICT" in said for said in term.student.merged)
    assert "" == git(term.student.folder, "status", "--porcelain")


def test_what_was_written_stays_and_the_correction_arrives(term: Term) -> None:
    assert sorted(WEEKS) == sorted(term.written)
    for number, files in term.written.items():
        now = term.student.own(number)
        if number == 1:
            assert now["linear.py"].startswith(b'"""Corrected. ')
            now["linear.py"] = now["linear.py"].replace(b"Corrected. ", b"", 1)
        assert files == now
    handout = (term.student.folder / "assignments/week_1/README.md").read_text(encoding="utf-8")
    assert handout.startswith("# Week 1: the basis (corrected)")


@pytest.mark.parametrize("number", WEEKS)
def test_readme_names_the_week_and_how_to_get_the_next(term: Term, number: int) -> None:
    readme = term.readmes[number]
    assert f"## Now: week {number}, {term.course.week(number).title}\n" in readme
    assert f"make grade WEEK={number}\n" in readme
    assert (f"git merge origin/week_{number + 1}_exercise" in readme) is (number < max(WEEKS))


def test_branch_carries_what_a_student_needs(term: Term) -> None:
    files = set(git(term.student.folder, "ls-files").splitlines())
    assert {
        "docs/grading.md",
        ".github/workflows/grade.yml",
        ".vscode/settings.json",
        ".vscode/launch.json",
        ".gitignore",
    } <= files
    assert not any(name.startswith(("students/", "solutions/", "release/")) for name in files)
    for name in ("settings", "launch"):
        json.loads((term.student.folder / f".vscode/{name}.json").read_text(encoding="utf-8"))


def test_nothing_leaks_from_a_whole_term(term: Term) -> None:
    assert [] == verify_branches(term.course)


def test_answers_travel_in_later_weeks_only(term: Term) -> None:
    def answers(branch: str) -> list[str]:
        return git(term.course.root, "ls-tree", "-r", "--name-only", branch, "answers").splitlines()

    for number in (1, 2, 3):
        assert [] == answers(f"week_{number}_exercise")
    given = answers("week_1_answer")
    assert "answers/week_1/linear.py" in given
    assert "answers/week_1/exercise.ipynb" in given
    for number in WEEKS[3:]:
        assert given == answers(f"week_{number}_exercise")


def test_answers_are_solutions_without_markers_and_hidden_tests(term: Term) -> None:
    for file in (term.student.folder / "answers/week_1").iterdir():
        text = file.read_text(encoding="utf-8")
        assert "SOLUTION" not in text
        assert "HIDDEN TESTS" not in text
        assert "NotImplementedError" not in text


def test_last_week_has_full_marks_in_the_clone(checkout: Course) -> None:
    record = graded(checkout, WEEKS[-1])
    assert record.max_score == record.score > 0


@pytest.fixture(scope="module")
def beginner(term: Term, tmp_path_factory: pytest.TempPathFactory) -> Student:
    """Who begins with week 5, whose ResidualBlock is checked around a Linear of week 1."""
    student = Student.clone(term.course.root, tmp_path_factory.mktemp("beginner") / "clone")
    student.next_week("week_5_exercise")
    student.fill(term.course, 5)
    return student


class TestEarlierWeekIsUnwritten:
    def test_answers_stand_in_for_it(self, beginner: Student) -> None:
        record = graded(load_course(beginner.folder), 5)
        assert record.max_score == record.score > 0

    def test_without_answers_a_line_names_it(self, beginner: Student) -> None:
        away = beginner.folder / "answers"
        away.rename(beginner.folder / "elsewhere")
        try:
            record = graded(load_course(beginner.folder), 5)
        finally:
            (beginner.folder / "elsewhere").rename(away)
        verdicts = {check.verdict for check in record.checks}
        assert {Verdict.PASSED, Verdict.SKIPPED} == verdicts
        waiting = [c for c in record.checks if c.verdict is Verdict.SKIPPED and not c.waits_for]
        assert waiting
        for check in waiting:
            assert check.message.startswith("week 1: Linear.__init__ isn't written there yet (")

    def test_answers_are_not_handed_in(self, beginner: Student, term: Term) -> None:
        """A clone with stubs is a clone with stubs, whatever answers lie in it."""
        found = find(beginner.folder, term.course.week(1), term.course.assignments / "week_1")
        stub = term.course.assignments / "week_1/linear.py"
        assert stub.read_bytes() == found.read("linear.py", 1 << 20)
        assert not any("answers" in note for note in found.notes)


def test_two_answers_one_after_the_other_merge(
    term: Term, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers that were corrected after a student had merged the first ones."""
    course = instructors(tmp_path / "instructor")
    publish(course, 1)
    give_out(course, 1)
    student = Student.clone(course.root, tmp_path / "student")
    student.next_week("week_1_answer")
    solution = course.solutions / "week_1/linear.py"
    solution.write_text(solution.read_text(encoding="utf-8").replace('"""', '"""New. ', 1))
    give_out(course, 1)
    publish(course, 2)
    student.next_week("week_2_exercise")
    answer = (student.folder / "answers/week_1/linear.py").read_text(encoding="utf-8")
    assert answer.startswith('"""New. ')
